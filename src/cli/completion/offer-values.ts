import type { DriverDefinition } from '../../driver/contract.ts';
import type { ValueKind } from '../../driver/flags.ts';
import { isMachineName } from '../../machine/name.ts';
import type { MachineStore } from '../../store/machine-store.ts';
import { peekDriverName } from '../../store/peek-driver-name.ts';
import type { CommandEntry } from '../commands/index.ts';
import { type Answer, type Candidate, noAnswer, planPrefixed, planWords } from './candidates.ts';

/** Where values come from. All are read without a lock and without asking a machine. */
export interface ValueSources {
  readonly commands: readonly CommandEntry[];
  readonly store: MachineStore;
  /** Whether anybody will see what is said beside each value. */
  readonly areDescribed: boolean;
  drivers(): Promise<readonly DriverDefinition[]>;
}

/** Beyond this many machines nobody reads what is said beside each. */
const mostDescribed = 30;

type Offer = (sources: ValueSources, typed: string) => Answer | Promise<Answer>;

const offers: Readonly<Record<ValueKind, Offer>> = {
  command: ({ commands }) => ({ candidates: offerCommands(commands), paths: '' }),
  driver: async ({ drivers }) => ({
    candidates: (await drivers()).map(({ name, summary }) => ({ value: name, summary })),
    paths: '',
  }),
  file: () => ({ candidates: [], paths: 'files' }),
  filter: offerFilter,
  folder: () => ({ candidates: [], paths: 'folders' }),
  'guest-file': async (sources, typed) => {
    const machines = await offerMachines(sources);
    // Behind the colon is a path in the machine, which would have to be asked.
    if (machines.some(({ value }) => typed.startsWith(`${value}:`))) return noAnswer;
    return { candidates: machines.map((each) => ({ ...each, value: `${each.value}:` })), paths: 'files' };
  },
  image: async ({ store }) => ({ candidates: await offerImages(store.layout.cache), paths: 'files' }),
  machine: async (sources) => ({ candidates: await offerMachines(sources), paths: '' }),
  'new-machine': () => noAnswer,
  shell: async () => planWords((await import('../../env/named-shells.ts')).namedShells, 'shell'),
};

/** Values of a kind; `typed` is what stands there already. */
export async function offerValues(kind: ValueKind, sources: ValueSources, typed: string): Promise<Answer> {
  return await offers[kind](sources, typed);
}

/** Commands and their other names; a letter needs no completing. */
export function offerCommands(commands: readonly CommandEntry[]): readonly Candidate[] {
  return commands.flatMap(({ name, aliases = [], summary }) =>
    [name, ...aliases.filter((alias) => alias.length > 1)].map((value) => ({
      value,
      summary: value === name ? summary : `${summary} (${name})`,
    })),
  );
}

async function offerFilter(sources: ValueSources, typed: string): Promise<Answer> {
  const { filterKeys, filterStates } = await import('../../machine/filter.ts');
  const [, key] = /^([^=]*)=/.exec(typed) ?? [];
  if (key === undefined)
    return planWords(
      filterKeys.map((each) => `${each}=`),
      'filter',
    );
  if (key === 'state') return planPrefixed(planWords(filterStates, 'state'), 'state=');
  if (key === 'driver' || key === 'name')
    return planPrefixed(await offerValues(key === 'name' ? 'machine' : 'driver', sources, ''), `${key}=`);
  return noAnswer;
}

/** What is no name of a machine is not offered: a shell might read more into it. */
async function offerMachines({ store, areDescribed }: ValueSources): Promise<readonly Candidate[]> {
  const names = (await store.names()).filter(isMachineName).sort();
  if (!areDescribed || names.length > mostDescribed) return names.map((value) => ({ value, summary: 'machine' }));
  return names.map((value) => {
    const driverName = peekDriverName(store.layout, value);
    return { value, summary: driverName === undefined ? 'machine' : `machine (${driverName})` };
  });
}

async function offerImages(cache: string): Promise<readonly Candidate[]> {
  const { readdir } = await import('node:fs/promises');
  const names = await readdir(cache).catch(() => []);
  const images = names.filter((name) => /^[\w.+~-]+\.iso$/.test(name) && !name.startsWith('-')).sort();
  return images.map((value) => ({ value, summary: 'image in the cache' }));
}
