import { resolveFlags } from '../driver/resolve-flags.ts';
import { asHelpFlag } from './as-help-flag.ts';
import type { Answer, Command, CommandFlags, CommandInput, FlagGroup, Tools } from './command.ts';
import { type CommandEntry, commands } from './commands/index.ts';
import type { Program } from './main.ts';
import { normalizeArgv } from './normalize-argv.ts';
import { type GlobalValues, globalFlags, globalsBeside, helpFlag, toGlobals, versionFlag } from './options.ts';
import { type ParsedWords, parseWords } from './parse-words.ts';
import { createReporting, type Reporting } from './reporting.ts';
import { openSession } from './session.ts';
import { createTools } from './tools.ts';
import { columnsOf } from './wrap-text.ts';

/** Parses and runs a command line; resolves to the exit status and never rejects. */
export async function runCommandLine(words: readonly string[], program: Program): Promise<number> {
  const { process } = program;
  let stage: Stage = startStage(program, toGlobals(resolveFlags(globalFlags, {}, {})));
  const session = openSession(process, () => stage.reporting.interrupted());
  const enter = (globals: GlobalValues): Stage => {
    stage = startStage(program, globals);
    return stage;
  };
  try {
    const status = await Promise.race([dispatch(words, { program, signal: session.signal, enter }), session.trouble]);
    await Promise.race([session.flush(), session.trouble]);
    return status;
  } catch (error) {
    await stage.reporting.close();
    const { showFailure } = await import('./show-failure.ts');
    const status = await showFailure(error, { program, signal: session.signal, ...stage });
    await session.flush();
    return status;
  }
}

/** What changes once the global options are known. */
interface Stage {
  readonly globals: GlobalValues;
  readonly reporting: Reporting;
  /** Whether lines must tell which machine they are about. */
  severalMachines: boolean;
}

interface Dispatch {
  readonly program: Program;
  readonly signal: AbortSignal;
  enter(globals: GlobalValues): Stage;
}

function startStage({ process }: Program, globals: GlobalValues): Stage {
  const reporting = createReporting(async () => (await import('./open-reporter.ts')).openReporter(process, stage));
  const stage: Stage = { globals, reporting, severalMachines: false };
  return stage;
}

async function dispatch(words: readonly string[], context: Dispatch): Promise<number> {
  const before = normalizeArgv(words, { ...globalFlags, ...helpFlag, ...versionFlag }, true);
  const { typed } = await parseWords(before.words, { ...globalFlags, ...helpFlag, ...versionFlag }, 'tmachine --help');
  const { process, version } = context.program;
  const [name, ...tail] = asHelpFlag(before.rest);
  if (typed['version'] === 'true') return answer(process, `tmachine version ${version}\n`);
  if (name === undefined || typed['help'] === 'true')
    return answer(process, (await import('./help.ts')).formatHelp(commands, columnsOf(process.stdout)));
  const entry = commands.find((each) => each.name === name || each.aliases?.includes(name));
  if (entry === undefined) throw (await import('./unknown-command.ts')).unknownCommand(name, commands);
  return await runEntry(entry, { words: tail, typed }, context);
}

async function runEntry(entry: CommandEntry, line: { words: readonly string[]; typed: Typed }, context: Dispatch) {
  const { program, signal, enter } = context;
  const { command } = await entry.load();
  const globalsTyped = command.passThrough ? line.typed : { ...line.typed, ...findGlobals(line.words, command.flags) };
  const stage = enter(toGlobals(resolveFlags(globalFlags, globalsTyped, program.process.env)));
  const { reporting, globals } = stage;
  const tools = createTools({ program, globals, signal, reporting });
  try {
    const parsed = await parseInput(command, line.words, tools);
    if (!('help' in parsed)) {
      stage.severalMachines = parsed.args.length > 1 && !command.passThrough;
      return await finish(await command.run(parsed, tools), { command, input: parsed, tools });
    }
    const { formatCommandHelp } = await import('./help.ts');
    return answer(program.process, formatCommandHelp(command, parsed.help, columnsOf(program.process.stdout)));
  } finally {
    await reporting.close();
  }
}

/** Prints what a command answers; of several machines those that failed are told afterwards. */
async function finish(
  answered: Answer | number | undefined,
  { command, input, tools }: { readonly command: Command; readonly input: CommandInput; readonly tools: Tools },
): Promise<number> {
  if (typeof answered !== 'object') return answered ?? 0;
  const wantsJson = command.wantsJson?.(input) ?? input.flags['output'] === 'json';
  tools.print(wantsJson ? formatJson(answered) : await textOf(answered));
  if (answered.hint !== undefined) tools.say(`Try: ${answered.hint}`);
  if (answered.failure !== undefined) throw answered.failure;
  return answered.exitCode ?? 0;
}

function formatJson({ json, data }: Answer): string {
  return `${json ?? JSON.stringify(data, null, 2)}\n`;
}

async function textOf({ text }: Answer): Promise<string> {
  return typeof text === 'string' ? text : await text();
}

type Typed = ParsedWords['typed'];

/** Global options after the command, found before all of its own flags are known. */
function findGlobals(words: readonly string[], own: CommandFlags): Typed {
  const free = globalsBeside(own);
  const { words: normalized } = normalizeArgv(words, { ...free, ...own });
  const end = normalized.indexOf('--');
  const found: Record<string, string> = {};
  for (const word of end < 0 ? normalized : normalized.slice(0, end)) {
    const [, name = '', value = ''] = /^--([^=]+)=(.*)$/s.exec(word) ?? [];
    if (Object.hasOwn(free, name)) found[name] = value;
  }
  return found;
}

async function parseInput(
  command: Command,
  words: readonly string[],
  tools: Tools,
): Promise<CommandInput | { readonly help: readonly FlagGroup[] }> {
  if (command.passThrough)
    return /^(-h|--?help)$/.test(words[0] ?? '')
      ? { help: [] }
      : { args: words, flags: {}, more: {}, given: new Set() };
  const more = (await command.moreFlags?.(words, tools)) ?? {};
  const flags = { ...globalsBeside(command.flags), ...more, ...helpFlag, ...command.flags };
  const { words: normalized } = normalizeArgv(words, flags);
  const plain = normalized.indexOf('--');
  if ((plain < 0 ? normalized : normalized.slice(0, plain)).includes('--help=true'))
    return { help: Object.keys(more).length === 0 ? [] : [{ title: 'Options of the driver', flags: more }] };
  const { args, typed } = await parseWords(normalized, flags, `tmachine ${command.name} --help`);
  return {
    args,
    flags: resolveFlags(command.flags, typed, tools.env),
    more: resolveFlags(more, typed, tools.env),
    given: new Set(Object.keys(typed)),
  };
}

function answer(process: Program['process'], text: string): number {
  process.stdout.write(text);
  return 0;
}
