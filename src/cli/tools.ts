import { chooseReport } from '../report/choose.ts';
import type { Output } from '../report/reporter.ts';
import { storeDirectory } from '../store/layout.ts';
import { createStore } from '../store/machine-store.ts';
import type { Tools } from './command.ts';
import type { Program } from './main.ts';
import type { GlobalValues } from './options.ts';
import { programWords } from './program-words.ts';
import { createLineReader, isYes, type LineReader } from './prompt.ts';
import type { Reporting } from './reporting.ts';

/** What tools are made from. */
export interface ToolSources {
  readonly program: Program;
  readonly globals: GlobalValues;
  readonly signal: AbortSignal;
  readonly reporting: Reporting;
}

/** The tools of one command. Nothing is read, made or loaded before it is used. */
export function createTools({ program, globals, signal, reporting }: ToolSources): Tools {
  const { process } = program;
  const { env, platform } = process;
  const cwd = process.cwd();
  const directory = storeDirectory({ option: globals.storagePath, env, platform, cwd });
  const lines = createLineReader(() => process.stdin);
  return {
    version: program.version,
    store: createStore({ directory, platform, signal }),
    env,
    platform,
    cwd,
    signal,
    globals,
    emit: (event) => reporting.emit(undefined, event),
    emitFor: (machine) => (event) => reporting.emit(machine, event),
    drivers: () => program.drivers(),
    findPlugin: async (name) => {
      const { createComputer } = await import('../machine/driver-host.ts');
      const emit: Tools['emit'] = (event) => reporting.emit(undefined, event);
      return await program.findPlugin(name, createComputer({ platform, env, signal, emit }));
    },
    print: (text) => reporting.write(() => void process.stdout.write(text)),
    output: process.stdout,
    say: (line) => {
      if (globals.logFormat === 'json') reporting.emit(undefined, { type: 'notice', level: 'info', text: line });
      else reporting.write(() => void process.stderr.write(`${line}\n`));
    },
    confirm: (question) => reporting.aside(() => ask(question, { process, lines, signal })),
    withTerminal: (work) => reporting.aside(() => work(process)),
    screen: screenOf(process, reporting),
    isTTY: {
      get stdin() {
        return process.stdin.isTTY === true;
      },
      stdout: process.stdout.isTTY === true,
      stderr: process.stderr.isTTY === true,
    },
    commandLine: async (args = process.argv.slice(2)) => [...(await programWords(process)), ...args],
  };
}

function screenOf({ stdout, env, platform }: Program['process'], reporting: Reporting): Output | undefined {
  if (chooseReport({ logFormat: 'auto', isTTY: stdout.isTTY === true, env, platform }).kind !== 'terminal')
    return undefined;
  return {
    write: (text) => reporting.write(() => void stdout.write(text)),
    columns: () => stdout.columns || 80,
    rows: () => stdout.rows || 24,
  };
}

/** The answer of a terminal ends the line; where there is none, we do. */
async function ask(
  question: string,
  { process, lines, signal }: { process: Program['process']; lines: LineReader; signal: AbortSignal },
): Promise<boolean> {
  process.stderr.write(question);
  let answer: string | undefined;
  try {
    answer = await lines.next(signal);
  } finally {
    if (answer === undefined || process.stdin.isTTY !== true) process.stderr.write('\n');
  }
  return isYes(answer);
}
