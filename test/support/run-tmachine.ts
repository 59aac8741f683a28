import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { join } from 'node:path';

const ownProgram = join(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs');

/** How the built program is called. The environment is exactly this one, with PATH where it has none. */
export interface TmachineCall {
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  /** Another `tmachine.cjs` than the one of this project. */
  readonly program?: string;
  /** Words in front of the call, of a program that ends by becoming it, such as `unshare -m`. */
  readonly through?: readonly string[];
  /** Standard input, closed after it. */
  readonly input?: string | Uint8Array;
  /** Called once it runs, for tests that signal it or read while it works. */
  readonly onStart?: (child: ChildProcessWithoutNullStreams) => void;
}

/** How a call ended. */
export interface TmachineResult {
  /** Missing when a signal ended the program. */
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program as a child. */
export async function runTmachine(args: readonly string[], call: TmachineCall = {}): Promise<TmachineResult> {
  const env = { PATH: process.env['PATH'] ?? '', ...call.env };
  const words = [...(call.through ?? []), process.execPath, call.program ?? ownProgram, ...args];
  const child = spawn(words[0] ?? '', words.slice(1), {
    env,
    ...(call.cwd === undefined ? {} : { cwd: call.cwd }),
  });
  const stdout = collect(child.stdout);
  const stderr = collect(child.stderr);
  // A program that does not read its input may be gone before all of it is written.
  child.stdin.on('error', () => undefined);
  child.stdin.end(call.input ?? '');
  call.onStart?.(child);
  const exitCode = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  return { exitCode, stdout: stdout(), stderr: stderr() };
}

function collect(stream: NodeJS.ReadableStream): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString();
}
