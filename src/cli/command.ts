import type { Readable } from 'node:stream';
import type { DriverDefinition } from '../driver/contract.ts';
import type { FlagSpec, FlagValue, ValueKind } from '../driver/flags.ts';
import type { Emit } from '../events/event.ts';
import type { Environment } from '../host/environment.ts';
import type { Output } from '../report/reporter.ts';
import type { MachineStore } from '../store/machine-store.ts';

/** A flag of a command: a driver's kind of flag, and perhaps a letter. */
export type CommandFlag = FlagSpec & { readonly short?: string };

/** Flags by their long name without dashes. */
export type CommandFlags = { readonly [name: string]: CommandFlag };

/** One argument as help shows it; only the last one may be repeatable. */
export interface ArgumentSpec {
  /** `a|b|c` where it is one of these words. */
  readonly name: string;
  readonly optional?: boolean;
  readonly repeatable?: boolean;
  /** What it stands for; a machine where nothing is said of an argument called `name`. */
  readonly kind?: ValueKind;
}

/** Flags that belong together, such as those of one driver. */
export interface FlagGroup {
  readonly title: string;
  readonly flags: CommandFlags;
}

/** What the user typed after the command's name, checked against its flags. How many arguments there may be is the command's affair. */
export interface CommandInput<F extends CommandFlags = CommandFlags> {
  readonly args: readonly string[];
  /** From the command line, else the environment, else the default. */
  readonly flags: { readonly [N in keyof F]: FlagValue<F[N]> };
  /** Values of the flags that `moreFlags` added. */
  readonly more: Readonly<Record<string, FlagValue<FlagSpec>>>;
  /** Names of the flags that stand on the command line. */
  readonly given: ReadonlySet<string>;
}

/** The global options, resolved; paths are as typed, empty when not given. */
export interface Globals {
  readonly debug: boolean;
  readonly tlsCaCert: string;
  readonly tlsCaKey: string;
  readonly tlsClientCert: string;
  readonly tlsClientKey: string;
  readonly githubApiToken: string;
  readonly sshClient: 'native' | 'external';
}

/** Everything a command may use. */
export interface Tools {
  /** Of tmachine itself, such as `0.1.0`. */
  readonly version: string;
  readonly store: MachineStore;
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  /** Absolute folder that relative paths on the command line start from. */
  readonly cwd: string;
  /** Aborted by Ctrl-C, SIGTERM and SIGHUP. */
  readonly signal: AbortSignal;
  readonly globals: Globals;
  /** Reports work that belongs to no machine. */
  readonly emit: Emit;
  /** Reports work on one machine. */
  emitFor(machine: string): Emit;
  /** Loads the built-in drivers. */
  drivers(): Promise<readonly DriverDefinition[]>;
  /** See `DriverSources`. */
  findPlugin(name: string): Promise<DriverDefinition | undefined>;
  /** The answer of the command: text for standard output, written as it is. */
  print(text: string): void;
  /** Where `print` writes, for texts that heed its width. */
  readonly output: { readonly isTTY?: boolean; readonly columns?: number };
  /** A line for the user on standard error; a notice among the events where those are JSON. */
  say(line: string): void;
  /** Asks on standard error, true for `y` and `yes`; the end of input counts as no. */
  confirm(question: string): Promise<boolean>;
  /** Runs work that owns the terminal, such as a shell: nothing is drawn meanwhile. */
  withTerminal<T>(work: (terminal: TerminalStreams) => Promise<T>): Promise<T>;
  /** Standard output, where it is a terminal that can be drawn on. */
  readonly screen: Output | undefined;
  readonly isTTY: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** The words that call this program again, for hints; with the arguments that were typed unless others are given. */
  commandLine(args?: readonly string[]): Promise<readonly string[]>;
}

/** The process's own streams. */
interface TerminalStreams {
  readonly stdin: Readable & { setRawMode?(mode: boolean): unknown; readonly isTTY?: boolean };
  readonly stdout: NodeJS.WriteStream;
  readonly stderr: NodeJS.WriteStream;
}

/** What a command answers, as data for `--output json` and as the text it prints otherwise. */
export interface Answer {
  readonly data: unknown;
  readonly text: string | (() => string | Promise<string>);
  /** The data as JSON, where writing it anew would change it. */
  readonly json?: string;
  readonly exitCode?: number;
  /** What to do next, for a person: a line on standard error. */
  readonly hint?: string | undefined;
  /** Thrown once the rest has been printed: what went wrong with some of several machines. */
  readonly failure?: unknown;
}

/** The flag of every command that answers with data. */
export const outputFlag: { readonly output: CommandFlag & { readonly type: 'string'; readonly default: string } } = {
  output: {
    type: 'string',
    short: 'o',
    default: 'text',
    choices: ['text', 'json'],
    summary: 'Form of the answer',
  },
};

/** One command as data. */
export interface Command<F extends CommandFlags = CommandFlags> {
  readonly name: string;
  readonly aliases?: readonly string[];
  readonly summary: string;
  /** Paragraphs of help below the usage line. */
  readonly description?: string;
  readonly arguments: readonly ArgumentSpec[];
  readonly flags: F;
  /** Nothing after the name is read as a flag, except a first `-h` or `--help`. */
  readonly passThrough?: boolean;
  /** Flags known only once the words are seen, such as the chosen driver's. */
  moreFlags?(words: readonly string[], tools: Tools): Promise<CommandFlags>;
  /** What `moreFlags` might add to these words, told without a look at this computer. */
  flagGroups?(words: readonly string[], sources: Pick<Tools, 'env' | 'drivers'>): Promise<readonly FlagGroup[]>;
  /** Whether the answer is wanted as JSON; `--output json` says so where nothing else is said. */
  wantsJson?(input: CommandInput<F>): boolean;
  /** Resolves to what is to be printed, or to the exit status; nothing means 0. */
  run(input: CommandInput<F>, tools: Tools): Promise<Answer | number | undefined>;
}

/** Infers the flags from the literal, then forgets them for the command table. */
export function defineCommand<const F extends CommandFlags>(command: Command<F>): Command {
  return command as unknown as Command;
}
