import { type BaseData, type FlagValues, type MachinePlace, TmachineError } from 'tmachine/driver';
import type { noneFlags } from './flags.ts';
import { parseEngineUrl } from './url.ts';

/** What the store keeps of an engine without a driver: docker-machine's base keys, with host and port as the address, and the URL. */
export type NoneData = BaseData & {
  readonly URL: string;
};

/**
 * Flag values to what the store keeps.
 *
 * @throws TmachineError `URL_MISSING`, `URL_INVALID`.
 */
export function configureNone({ url }: FlagValues<typeof noneFlags>, place: MachinePlace): NoneData {
  const hint = 'say where the engine listens, such as --url tcp://192.0.2.1:2376';
  if (url === '')
    throw new TmachineError('--url option is required when no driver is selected', { code: 'URL_MISSING', hint });
  if (parseEngineUrl(url) === undefined)
    throw new TmachineError(`Invalid value "${url}" for --url: it is not tcp://HOST:PORT`, {
      code: 'URL_INVALID',
      hint,
    });
  return {
    IPAddress: new URL(url).host,
    MachineName: place.name,
    SSHUser: '',
    SSHPort: 0,
    SSHKeyPath: '',
    StorePath: place.storePath,
    SwarmMaster: false,
    SwarmHost: '',
    SwarmDiscovery: '',
    URL: url,
  };
}
