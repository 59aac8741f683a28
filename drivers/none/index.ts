import { type Driver, type DriverDefinition, type DriverRecord, defineDriver, type Host } from 'tmachine/driver';
import { configureNone, type NoneData } from './data.ts';
import { noneFlags } from './flags.ts';
import { parseEngineUrl } from './url.ts';

/** Long enough for an engine on another continent; one that is switched off is not waited for longer. */
const patienceMs = 3000;

/** An engine that somebody else looks after: its URL is kept, and nothing else is done to it. */
export const noneDriver: DriverDefinition = defineDriver({
  name: 'none',
  summary: 'An engine that exists already and is reached by its URL alone',
  flags: noneFlags,
  configure: configureNone,
  open: async (record, host) => openNone(record, host),
});

function openNone({ data }: DriverRecord<NoneData>, host: Host): Driver<NoneData> {
  return {
    data,
    preflight: async () => undefined,
    create: async () => undefined,
    remove: async () => undefined,
    state: async () => {
      const endpoint = parseEngineUrl(data.URL);
      if (endpoint === undefined) return 'Error';
      const answer = await host.network.knock(endpoint.host, endpoint.port, patienceMs);
      return answer === 'open' ? 'Running' : answer === 'silent' ? 'Timeout' : 'Stopped';
    },
    dockerUrl: async () => data.URL,
    power: {},
    [Symbol.asyncDispose]: async () => undefined,
  };
}
