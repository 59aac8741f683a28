import { exitCodes } from '../errors/exit-codes.ts';
import { redact, redactText } from '../events/redact.ts';
import { chooseReport } from '../report/choose.ts';
import { describeFailure, type Failure, formatBug, formatFailure } from '../report/failure.ts';
import { formatJsonFailure } from '../report/json.ts';
import { storeDirectory, storeLayout } from '../store/layout.ts';
import type { Program } from './main.ts';
import type { GlobalValues } from './options.ts';
import type { Reporting } from './reporting.ts';

/** What is known when a command has failed. */
export interface FailedCommand {
  readonly program: Program;
  readonly signal: AbortSignal;
  readonly globals: GlobalValues;
  readonly reporting: Reporting;
}

/** Tells the user why a command failed, and resolves to the exit status. */
export async function showFailure(error: unknown, command: FailedCommand): Promise<number> {
  const { env, stderr, platform } = command.program.process;
  const style = chooseReport({ logFormat: command.globals.logFormat, isTTY: stderr.isTTY === true, env, platform });
  const failure = describeInterrupted(error, command.signal);
  if (failure.code === 'BUG') {
    const logFile = await writeBugLog(error, command).catch(() => undefined);
    if (style.kind !== 'json') stderr.write(redactText(formatBug(error, logFile)));
  }
  if (style.kind === 'json') stderr.write(`${formatJsonFailure(redact(failure), Date.now())}\n`);
  else if (failure.code !== 'BUG') stderr.write(redactText(formatFailure(failure, style.color)));
  return failure.exitCode;
}

/** After Ctrl-C whatever is thrown is its consequence; only a foreseen failure still has something to say. */
function describeInterrupted(error: unknown, signal: AbortSignal): Failure {
  const failure = describeFailure(error);
  if (!signal.aborted) return failure;
  const shown = failure.code === 'BUG' ? describeFailure(signal.reason) : failure;
  return { ...shown, exitCode: exitCodes.interrupted };
}

/** The stack, the surroundings and the last events, in the store's folder of logs. */
async function writeBugLog(error: unknown, { program, globals, reporting }: FailedCommand): Promise<string> {
  const { makePrivateFolder, privateFile, writeFileAtomic } = await import('../host/files.ts');
  const { env, platform, argv } = program.process;
  const cwd = program.process.cwd();
  const directory = storeDirectory({ option: globals.storagePath, env, platform, cwd });
  const { logs } = storeLayout(directory, platform);
  const now = new Date().toISOString();
  const path = `${logs}/bug-${now.replaceAll(':', '-')}.log`;
  const lines = [
    `tmachine ${program.version}, Node ${program.process.version}, ${platform}, ${now}`,
    JSON.stringify(argv.slice(2)),
    error instanceof Error ? (error.stack ?? error.message) : String(error),
    ...reporting.history().map((event) => JSON.stringify(event)),
  ];
  await makePrivateFolder(logs);
  await writeFileAtomic(path, redactText(`${lines.join('\n')}\n`), privateFile);
  return path;
}
