import { storeDirectory } from '../../store/layout.ts';
import { createStore } from '../../store/machine-store.ts';
import { asHelpFlag } from '../as-help-flag.ts';
import type { ArgumentSpec, Command, CommandFlag, CommandFlags } from '../command.ts';
import { commands } from '../commands/index.ts';
import type { Program } from '../main.ts';
import { globalFlags, globalsBeside, helpFlag, versionFlag } from '../options.ts';
import { type Answer, noAnswer, planPrefixed, planWords } from './candidates.ts';
import { offerValues, type ValueSources } from './offer-values.ts';
import type { Request } from './request.ts';
import { parseTypedWords, type TypedWords } from './typed-words.ts';

/** What may stand at the cursor, by the same tables that read the command line and print the help. */
export async function findAnswer(request: Request, program: Program): Promise<Answer> {
  const { before, current } = request;
  const flags = { ...globalFlags, ...helpFlag, ...versionFlag };
  const line = parseTypedWords(before, flags, true);
  const [name, ...tail] = asHelpFlag(line.rest);
  if (name === undefined) {
    const place: Place = { current, line, flags, own: {}, arguments: [{ name: 'command', kind: 'command' }] };
    return await completeAt(place, openSources(line.values, { request, program }));
  }
  const entry = commands.find((each) => each.name === name || each.aliases?.includes(name));
  if (entry === undefined) return noAnswer;
  const { command } = await entry.load();
  const place = await findPlace(command, { before: tail, current }, program);
  return await completeAt(place, openSources(new Map([...line.values, ...place.line.values]), { request, program }));
}

/** Where the cursor is within a command line. */
interface Place {
  readonly current: string;
  readonly line: TypedWords;
  /** All that may be typed there. */
  readonly flags: CommandFlags;
  /** Those of the command alone, which are shown when nothing else can be said. */
  readonly own: CommandFlags;
  readonly arguments: readonly ArgumentSpec[];
}

async function findPlace(
  command: Command,
  { before, current }: Pick<Request, 'before' | 'current'>,
  program: Program,
): Promise<Place> {
  if (command.passThrough) {
    const line: TypedWords = { args: before, values: new Map(), pending: undefined, isPlain: false, rest: [] };
    return { current, line, flags: before.length === 0 ? helpFlag : {}, own: {}, arguments: command.arguments };
  }
  const sources = { env: program.process.env, drivers: () => program.drivers() };
  const groups = (await command.flagGroups?.([...before, current], sources)) ?? [];
  const own = Object.assign({}, command.flags, ...groups.map((group) => group.flags));
  const flags = { ...own, ...globalsBeside(command.flags), ...helpFlag };
  return { current, line: parseTypedWords(before, flags), flags, own: command.flags, arguments: command.arguments };
}

async function completeAt(place: Place, sources: ValueSources): Promise<Answer> {
  const { current, line, flags } = place;
  const pending = line.pending === undefined ? undefined : flags[line.pending];
  if (pending !== undefined) return await offerFlagValue(pending, sources, current);
  if (line.isPlain) return noAnswer;
  const [, head, name = '', value = ''] = /^(--?([^=-][^=]*)=)(.*)$/s.exec(current) ?? [];
  if (head !== undefined) {
    const flag = flags[name] ?? Object.values(flags).find((each) => each.short === name);
    return flag === undefined ? noAnswer : planPrefixed(await offerFlagValue(flag, sources, value), head);
  }
  if (current.startsWith('-')) return offerFlags(flags, line);
  const answer = await offerArgument(place, sources);
  const isEmpty = answer.candidates.length === 0 && answer.paths === '' && current === '';
  return isEmpty ? offerFlags(place.own, line) : answer;
}

async function offerFlagValue(flag: CommandFlag, sources: ValueSources, typed: string): Promise<Answer> {
  if (flag.type === 'boolean') return planWords(['true', 'false'], flag.summary);
  if ('choices' in flag && flag.choices !== undefined) return planWords(flag.choices, flag.summary);
  return 'kind' in flag && flag.kind !== undefined ? await offerValues(flag.kind, sources, typed) : noAnswer;
}

/** A flag that is given already is not offered again, unless it may be repeated. */
function offerFlags(flags: CommandFlags, { values }: TypedWords): Answer {
  const free = Object.entries(flags).filter(([name, flag]) => flag.type === 'list' || !values.has(name));
  return { candidates: free.map(([name, { summary }]) => ({ value: `--${name}`, summary })), paths: '' };
}

async function offerArgument({ arguments: specs, line, current }: Place, sources: ValueSources): Promise<Answer> {
  const last = specs.at(-1);
  const spec = specs[line.args.length] ?? (last?.repeatable ? last : undefined);
  if (spec === undefined) return noAnswer;
  if (spec.name.includes('|')) return planWords(spec.name.split('|'), spec.name);
  const kind = spec.kind ?? (spec.name === 'name' ? 'machine' : undefined);
  if (kind === undefined) return noAnswer;
  const { candidates, paths } = await offerValues(kind, sources, current);
  return { candidates: candidates.filter(({ value }) => !line.args.includes(value)), paths };
}

/** The store is the one that the command will use. The shell has not yet made a path of a leading `~`. */
function openSources(
  values: ReadonlyMap<string, string>,
  { request, program }: { readonly request: Request; readonly program: Program },
): ValueSources {
  const { process } = program;
  const { env, platform } = process;
  const option = (values.get('storage-path') ?? '').replace(/^~(?=\/|$)/, env['HOME'] ?? '~');
  const directory = storeDirectory({ option, env, platform, cwd: process.cwd() });
  return {
    commands,
    areDescribed: request.describes,
    drivers: () => program.drivers(),
    store: createStore({ directory, platform, signal: new AbortController().signal }),
  };
}
