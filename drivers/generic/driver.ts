import type { Driver, DriverRecord, Host, SshTarget } from 'tmachine/driver';
import type { GenericData } from './data.ts';

/** Where a host is, and the computer we are on, as the parts of this driver share them. */
export interface GenericMachine {
  readonly name: string;
  readonly host: Host;
  readonly data: GenericData;
}

/** As long as OpenSSH's first tries take; docker-machine waits three times that. */
const patienceMs = 5000;

/** A driver bound to one host. It holds nothing open between its verbs. */
export function openGeneric({ name, data }: DriverRecord<GenericData>, host: Host): Driver<GenericData> {
  const machine = { name, host, data };
  return {
    data,
    preflight: async () => await (await import('./preflight.ts')).preflightGeneric(machine),
    create: async () => await (await import('./create.ts')).createGeneric(machine),
    remove: async () => await (await import('./create.ts')).forgetGeneric(machine),
    state: async () => {
      const { host: address, port } = sshTarget(data);
      const answer = await host.network.knock(address, port, patienceMs);
      return answer === 'open' ? 'Running' : answer === 'silent' ? 'Timeout' : 'Stopped';
    },
    dockerUrl: async () => {
      const address = data.IPAddress.includes(':') ? `[${data.IPAddress}]` : data.IPAddress;
      return `tcp://${address}:${data.EnginePort}`;
    },
    power: { restart: async () => await (await import('./restart.ts')).restartGeneric(machine) },
    guest: {
      address: async () => data.IPAddress,
      ssh: async () => sshTarget(data),
      enginePort: data.EnginePort,
    },
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Records that docker-machine wrote may leave out what is usual. */
export function sshTarget(data: GenericData): SshTarget {
  return {
    host: data.IPAddress,
    port: data.SSHPort || 22,
    user: data.SSHUser || 'root',
    identityFile: data.SSHKeyPath,
  };
}
