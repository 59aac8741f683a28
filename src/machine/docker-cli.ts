import { type AskedCli, askCliVersion } from '../docker-cli/ask-cli-version.ts';
import { type CliMisfit, formatMisfit, parseApiVersion, planAskingOldest, planMisfit } from '../docker-cli/cli-fit.ts';
import type { CliVersion } from '../docker-cli/cli-version.ts';
import { TmachineError } from '../errors/tmachine-error.ts';
import { type ConnectedEngine, connectEngine } from './connection.ts';
import type { MachineContext } from './context.ts';
import type { Machine } from './machine.ts';

/** An engine that answers us, and what to do where the Docker CLI of this computer cannot speak with it. */
export interface CliConnection {
  readonly url: string;
  /** DOCKER_API_VERSION with which the Docker CLI speaks with the engine; nothing where it does anyway, or never will. */
  readonly apiVersion: string | undefined;
}

/** How the user gets the `apiVersion` of a `CliConnection`, as a sentence without its full stop. */
export type DescribeVariable = (apiVersion: string) => string;

/** What `connectCli` is told beside the machine. */
export interface CliRequest {
  /** See `checkConnection`. */
  readonly prefix: string;
  readonly describe: DescribeVariable;
  /** From `askCli`, by who looked for the Docker CLI while the machine was being opened. */
  readonly asked?: AskedCli;
}

/**
 * As `checkConnection`, and warns where the Docker CLI cannot speak with the engine. Where no engine could be in the way
 * of the CLI's version, the engine is not asked for its own.
 */
export async function connectCli(
  machine: Machine,
  request: CliRequest,
  context: MachineContext,
): Promise<CliConnection> {
  const { prefix, describe, asked = askCli(context) } = request;
  const engine = await connectEngine(machine, { prefix, wantsAnswer: await asked.matters }, context);
  const found = await findMisfit(asked, engine, context.signal);
  if (found === undefined) return { url: engine.url, apiVersion: undefined };
  const { cli, misfit } = found;
  const apiVersion = misfit.kind === 'old-engine' ? misfit.forced : undefined;
  const variable = apiVersion === undefined ? '' : describe(apiVersion);
  const text = formatMisfit(misfit, { cli, machine: machine.name, variable });
  machine.emit({ type: 'notice', level: 'warning', text });
  return { url: engine.url, apiVersion };
}

/** Warns, after a machine was made, where the Docker CLI cannot speak with its engine. */
export async function warnOfMisfit(name: string, context: MachineContext): Promise<void> {
  if (!(await askCli(context).matters)) return;
  const { openMachine } = await import('./machine.ts');
  const describe = (apiVersion: string): string =>
    `"tmachine env ${name}" sets DOCKER_API_VERSION=${apiVersion} for that`;
  try {
    await using machine = await openMachine(name, context);
    await connectCli(machine, { prefix: 'Error checking TLS connection', describe }, context);
  } catch (error) {
    context.signal.throwIfAborted();
    // The machine was made, and is there; that it cannot be reached a moment later is for the next command to say.
    if (!(error instanceof TmachineError)) throw error;
  }
}

/** Looks for the Docker CLI of this computer. */
export function askCli({ store, env, platform, signal }: MachineContext): AskedCli {
  return askCliVersion({ env, platform, signal, memory: store.layout.cliVersion });
}

async function findMisfit(
  asked: AskedCli,
  engine: ConnectedEngine,
  signal: AbortSignal,
): Promise<{ readonly cli: CliVersion; readonly misfit: CliMisfit } | undefined> {
  const newest = parseApiVersion(engine.apiVersion);
  const remembered = newest === undefined ? undefined : await asked.version();
  if (newest === undefined || remembered === undefined) return undefined;
  const oldest = planAskingOldest(remembered, newest) ? await askOldest(engine, signal) : undefined;
  if (planMisfit(remembered, { newest, oldest }) === undefined) return undefined;
  const cli = await asked.confirm();
  const misfit = cli === undefined ? undefined : planMisfit(cli, { newest, oldest });
  return cli === undefined || misfit === undefined ? undefined : { cli, misfit };
}

/** An engine that does not say it has at least let us in, and the Docker CLI will have its own words. */
async function askOldest(engine: ConnectedEngine, signal: AbortSignal): Promise<number | undefined> {
  const { getVersion } = await import('../engine/client.ts');
  try {
    return parseApiVersion((await getVersion(engine.target, { timeoutMs: 5000, signal })).MinAPIVersion);
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof TmachineError) return undefined;
    throw error;
  }
}
