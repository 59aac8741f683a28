import { type BaseData, type FlagValues, type MachinePlace, TmachineError } from 'tmachine/driver';
import type { genericFlags } from './flags.ts';

/**
 * What the store keeps of a host: docker-machine's base keys, and those of its generic driver. `SSHKeyPath` is the copy of the
 * key in the machine's folder; empty: the user's agent and own keys.
 */
export type GenericData = BaseData & {
  readonly EnginePort: number;
  /** The key as it was named, which is where the copy came from. */
  readonly SSHKey: string;
};

/**
 * Flag values to what the store keeps.
 *
 * @throws TmachineError `GENERIC_ADDRESS_MISSING`, `GENERIC_OPTION_INVALID`.
 */
export function configureGeneric(values: FlagValues<typeof genericFlags>, place: MachinePlace): GenericData {
  const { 'generic-ip-address': address, 'generic-ssh-user': user, 'generic-ssh-key': key } = values;
  if (address === '')
    throw new TmachineError('generic driver requires the --generic-ip-address option', {
      code: 'GENERIC_ADDRESS_MISSING',
      hint: 'say which host it is, such as --generic-ip-address 192.0.2.1',
    });
  if (!/^[A-Za-z0-9:][A-Za-z0-9.:_%-]*$/.test(address) || /^[^:]*:[^:]*$/.test(address))
    throw invalid('generic-ip-address', address, 'it is neither an address nor the name of a host');
  if (!/^[^\s\0-]\S*$/.test(user)) throw invalid('generic-ssh-user', user, 'no user has such a name');
  return {
    IPAddress: address,
    MachineName: place.name,
    SSHUser: user,
    SSHPort: values['generic-ssh-port'],
    SSHKeyPath: key === '' ? '' : place.sshKeyPath,
    StorePath: place.storePath,
    SwarmMaster: false,
    SwarmHost: '',
    SwarmDiscovery: '',
    EnginePort: values['generic-engine-port'],
    SSHKey: key,
  };
}

function invalid(flag: string, value: string, reason: string): TmachineError {
  return new TmachineError(`Invalid value "${value}" for --${flag}: ${reason}`, { code: 'GENERIC_OPTION_INVALID' });
}
