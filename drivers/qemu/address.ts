import { exitCodes, type Host, TmachineError } from 'tmachine/driver';
import { defaultPorts, type QemuData } from './data.ts';

/** The part of the data that says where a machine is reached. */
export type MachineAddress = Pick<QemuData, 'IPAddress' | 'EnginePort' | 'SSHPort' | 'MonitorPort'>;

/** A chosen address; nobody else chooses it until `claim` is disposed of. */
export interface ClaimedAddress {
  readonly address: MachineAddress;
  readonly claim: AsyncDisposable;
}

/** Whoever holds this port of an address is about to start a machine there; no machine ever serves it. */
const claimPort = 23_760;

/** Addresses for machines, in the order in which they are given out. */
export function machineAddresses(): readonly string[] {
  return [99, 100, 101].flatMap((third) =>
    range(third === 99 ? 100 : 1, 254).map((fourth) => `127.0.${third}.${fourth}`),
  );
}

/** Linux and Windows answer on all of 127.0.0.0/8 without being told to. */
function hasOwnAddresses(platform: NodeJS.Platform): boolean {
  return platform === 'linux' || platform === 'win32';
}

/**
 * Chooses where a new machine is reached, away from all machines of this store (`others`), even stopped ones, and from
 * everything that listens now, machines of other users included.
 *
 * @throws TmachineError `ADDRESS_TAKEN` with exit code 3.
 */
export async function claimAddress(
  host: Host,
  wanted: string,
  others: readonly MachineAddress[],
): Promise<ClaimedAddress> {
  const monitorPort = host.platform === 'win32' ? await host.network.findFreePort('127.0.0.1') : 0;
  const claimed = await chooseAddress(host, wanted, others);
  return { ...claimed, address: { ...claimed.address, MonitorPort: monitorPort } };
}

async function chooseAddress(host: Host, wanted: string, others: readonly MachineAddress[]): Promise<ClaimedAddress> {
  const taken = new Set(others.map((other) => other.IPAddress));
  if (wanted !== '')
    return { address: fixed(wanted, defaultPorts.engine, defaultPorts.ssh), claim: await hold(host, wanted) };
  if (!hasOwnAddresses(host.platform)) return await claimFreePorts(host, '127.0.0.1', others);
  const candidates = machineAddresses().filter((address) => !taken.has(address));
  for (const address of candidates) {
    const claim = await host.network.holdPort(address, claimPort);
    if (claim === undefined) continue;
    if (await arePortsFree(host, address, Object.values(defaultPorts)))
      return { address: fixed(address, defaultPorts.engine, defaultPorts.ssh), claim };
    await claim[Symbol.asyncDispose]();
  }
  // Somebody listens on 2376 or 2222 of every address: an own address with other ports still serves.
  return await claimFreePorts(host, candidates.at(-1) ?? '127.0.0.1', others);
}

async function claimFreePorts(host: Host, address: string, others: readonly MachineAddress[]): Promise<ClaimedAddress> {
  const used = new Set(others.flatMap((other) => [other.EnginePort, other.SSHPort]));
  const ports = await findTwoPorts(host, address, used);
  return { address: fixed(address, ports[0], ports[1]), claim: nothingHeld };
}

async function findTwoPorts(
  host: Host,
  address: string,
  used: ReadonlySet<number>,
): Promise<readonly [number, number]> {
  const free: number[] = [];
  for (let attempt = 0; attempt < 100; attempt += 1) {
    const port = await host.network.findFreePort(address);
    if (!used.has(port) && !free.includes(port)) free.push(port);
    const [engine, ssh] = free;
    if (engine !== undefined && ssh !== undefined) return [engine, ssh];
  }
  throw new TmachineError(`Cannot find two free ports on ${address}`, {
    code: 'ADDRESS_TAKEN',
    exitCode: exitCodes.preflight,
    hint: 'remove machines that are no longer needed',
  });
}

/** Only another `create` holds the claim of an address that is otherwise free. */
async function hold(host: Host, address: string): Promise<AsyncDisposable> {
  const claim = await host.network.holdPort(address, claimPort);
  if (claim !== undefined) return claim;
  throw new TmachineError(`Cannot use address ${address}: another machine is just being created there`, {
    code: 'ADDRESS_TAKEN',
    exitCode: exitCodes.preflight,
    hint: 'take another address, or leave --qemu-address out',
  });
}

const nothingHeld: AsyncDisposable = { [Symbol.asyncDispose]: async () => undefined };

function fixed(address: string, enginePort: number, sshPort: number): MachineAddress {
  return { IPAddress: address, EnginePort: enginePort, SSHPort: sshPort, MonitorPort: 0 };
}

async function arePortsFree(host: Host, address: string, ports: readonly number[]): Promise<boolean> {
  const answers = await Promise.all(ports.map((port) => host.network.isPortFree(address, port)));
  return answers.every((isFree) => isFree);
}

function range(from: number, to: number): readonly number[] {
  return Array.from({ length: to - from + 1 }, (_, index) => from + index);
}
