import { readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Environment } from '../host/environment.ts';
import { makePrivateFolder, privateFile, writeFileAtomic } from '../host/files.ts';
import { findProgram } from '../host/find-program.ts';
import { planAsking } from './cli-fit.ts';
import { type CliVersion, parseCliVersion } from './cli-version.ts';

/** Where the Docker CLI is looked for, and the file that remembers what it said. */
export interface CliSearch {
  readonly env: Environment;
  readonly platform: NodeJS.Platform;
  readonly signal: AbortSignal;
  readonly memory: string;
}

/** What is known of the Docker CLI on PATH; nothing here ever rejects. */
export interface AskedCli {
  /** Whether engines must be asked for their API. Known as soon as memory or PATH tells, without waiting for the CLI. */
  readonly matters: Promise<boolean>;
  /** Nothing where there is no Docker CLI that says its version within two seconds. */
  version(): Promise<CliVersion | undefined>;
  /** The same from the CLI itself, where `version` only remembered it: before a user is told to replace it. */
  confirm(): Promise<CliVersion | undefined>;
}

/** A program behind another one, such as a script, can change while the file stays the same: so no answer holds for ever. */
const holdsForMs = 24 * 3600 * 1000;

/** Finds the Docker CLI and its version. To start it takes 50 ms and more, so it is asked again only when its file has changed. */
export function askCliVersion(search: CliSearch): AskedCli {
  const known = recall(search).catch(() => nothing);
  let fresh: Promise<CliVersion | undefined> | undefined;
  const confirm = async (): Promise<CliVersion | undefined> => {
    fresh ??= known.then((state) => ask(state, search));
    return await fresh;
  };
  return {
    matters: known.then(({ program, output }) => {
      return program !== undefined && (output === undefined || planAsking(parseCliVersion(output)));
    }),
    version: async () => {
      const { output } = await known;
      return output === undefined ? await confirm() : parseCliVersion(output);
    },
    confirm,
  };
}

/** What is known of the program on PATH; `output` is missing until it is asked. */
interface CliState extends Remembered {
  readonly program: string | undefined;
}

/** The file's contents: what identifies a program, what it said, and when. */
interface Remembered {
  readonly program?: string | undefined;
  readonly size?: number;
  readonly changedAt?: number;
  readonly askedAt?: number;
  readonly output?: string | undefined;
}

const nothing: CliState = { program: undefined };

async function recall({ env, platform, memory }: CliSearch): Promise<CliState> {
  const program = await findProgram('docker', { env, platform });
  if (program === undefined) return { program };
  const { size, mtimeMs: changedAt } = statSync(program);
  const remembered = readMemory(memory);
  const isSame = remembered.program === program && remembered.size === size && remembered.changedAt === changedAt;
  const isFresh = Math.abs(Date.now() - (remembered.askedAt ?? 0)) < holdsForMs;
  return { program, size, changedAt, output: isSame && isFresh ? remembered.output : undefined };
}

/** At once, while the first command of a shell waits for it. */
function readMemory(path: string): Remembered {
  try {
    const value: unknown = JSON.parse(readFileSync(path, 'utf8'));
    return typeof value === 'object' && value !== null ? value : {};
  } catch {
    return {};
  }
}

/** A CLI that cannot be run is as good as none, and a store that cannot be written only means to ask each time. */
async function ask(state: CliState, { env, signal, memory }: CliSearch): Promise<CliVersion | undefined> {
  if (state.program === undefined) return undefined;
  const { run } = await import('../host/run.ts');
  const call = { program: state.program, args: ['--version'], timeoutMs: 2000 };
  const output = await run(call, { env, signal }).then(
    ({ stdout }) => stdout.slice(0, 500),
    () => '',
  );
  if (!signal.aborted) await remember(memory, { ...state, askedAt: Date.now(), output }).catch(() => undefined);
  return parseCliVersion(output);
}

async function remember(path: string, value: Remembered): Promise<void> {
  await makePrivateFolder(dirname(path));
  await writeFileAtomic(path, JSON.stringify(value), privateFile);
}
