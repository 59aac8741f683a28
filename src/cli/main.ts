import type { ComputerFacts, DriverDefinition } from '../driver/contract.ts';

/** What the composition root hands over. */
export interface Program {
  readonly process: ProgramProcess;
  /** Of the package, such as `0.1.0`. */
  readonly version: string;
  /** Loads the built-in drivers. */
  drivers(): Promise<readonly DriverDefinition[]>;
  /** The driver of this name that a plugin on PATH is. */
  findPlugin(name: string, computer: ComputerFacts): Promise<DriverDefinition | undefined>;
}

/** The parts of Node's `process` that are used; its streams are touched only when they are needed. */
export type ProgramProcess = Pick<
  NodeJS.Process,
  'argv' | 'env' | 'platform' | 'version' | 'cwd' | 'stdin' | 'stdout' | 'stderr' | 'on' | 'off' | 'exit'
>;

/** Runs the command line of a process. Resolves to its exit status once standard output has taken everything. */
export async function main(program: Program): Promise<number> {
  const words = program.process.argv.slice(2);
  const answer = await quickAnswer(words, program);
  if (answer === undefined) {
    const { runCommandLine } = await import('./run-command-line.ts');
    return await runCommandLine(words, program);
  }
  const { stdout, stderr } = program.process;
  const failure = await new Promise<NodeJS.ErrnoException | null | undefined>((resolve) => {
    stdout.on('error', resolve);
    stdout.write(answer, resolve);
  });
  // A reader that has seen enough is no failure.
  if (!failure || failure.code === 'EPIPE') return 0;
  stderr.write(`Cannot write to standard output: ${failure.message}\n`);
  return 1;
}

/** Answers that need no command, no parser and no store, so that they cost next to nothing. */
async function quickAnswer(words: readonly string[], program: Program): Promise<string | undefined> {
  const { version, process } = program;
  // At every press of Tab a user waits for this one.
  if (words[0] === '__complete')
    return await (await import('./completion/answer-completion.ts')).answerCompletion(words.slice(1), program);
  if (words.length > 1) return undefined;
  const word = words[0] ?? '--help';
  if (['version', '--version', '-v', '-version'].includes(word)) return `tmachine version ${version}\n`;
  if (!['help', 'h', '--help', '-h', '-help'].includes(word)) return undefined;
  const [{ formatHelp }, { commands }, { columnsOf }] = await Promise.all([
    import('./help.ts'),
    import('./commands/index.ts'),
    import('./wrap-text.ts'),
  ]);
  return formatHelp(commands, columnsOf(process.stdout));
}
