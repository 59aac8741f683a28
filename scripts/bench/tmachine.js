// Runs the built program as a child and measures it.
import { spawn } from 'node:child_process';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

export const program = join(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs');

const children = new Set();

/** Has what still runs undo its work and end. */
export function endChildren() {
  for (const child of children) child.kill('SIGTERM');
}

/** Runs Node and gives its output and how long it took in ms. */
export async function runNode(args, { env = process.env, allowFailure = false } = {}) {
  const startedAt = performance.now();
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  children.add(child);
  const output = { stdout: '', stderr: '' };
  child.stdout.on('data', (text) => (output.stdout += text));
  child.stderr.on('data', (text) => (output.stderr += text));
  const exitCode = await new Promise((done) => child.on('close', done));
  children.delete(child);
  const tookMs = performance.now() - startedAt;
  if (exitCode !== 0 && !allowFailure) throw new Error(`${args.join(' ')} ended with ${exitCode}: ${output.stderr}`);
  return { ...output, tookMs, exitCode };
}

export async function runProgram(bench, args, options = {}) {
  return await runNode([program, ...args], { ...options, env: environment(bench) });
}

/** The program's time and that of `node -e 0`, in turn, so that both see the same weather. One run of each is not counted. */
export async function pairWithNode(bench, args) {
  const [pair] = await pairEachWithNode(bench, [args]);
  return pair;
}

/** The same for several commands, which take turns as well: an emulated guest answers faster the longer it has been asked. */
export async function pairEachWithNode(bench, commands) {
  const all = commands.map((args) => ({ args, pairs: [] }));
  for (let run = 0; run <= bench.pairs; run += 1) {
    for (const { args, pairs } of all) {
      const node = (await runNode(['-e', '0'])).tookMs;
      const own = (await runProgram(bench, args)).tookMs;
      if (run > 0) pairs.push({ node, own });
    }
  }
  return all.map(({ pairs }) => summarize(pairs));
}

function summarize(pairs) {
  return {
    nodeMs: median(pairs.map(({ node }) => node)),
    ownMs: median(pairs.map(({ own }) => own)),
    differenceMs: median(pairs.map(({ node, own }) => own - node)),
    ratio: median(pairs.map(({ node, own }) => own / node)),
  };
}

/** The largest resident size in MiB that the program, with all its threads, ever had; and how long it took. */
export async function measurePeak(bench, args) {
  const file = join(bench.folder, 'peak');
  const atExit = `import { isMainThread } from 'node:worker_threads'; import { writeFileSync } from 'node:fs';
    if (isMainThread) process.on('exit', () => writeFileSync(${JSON.stringify(file)}, String(process.resourceUsage().maxRSS)));`;
  try {
    const { tookMs } = await runNode(
      [`--import=data:text/javascript,${encodeURIComponent(atExit)}`, program, ...args],
      {
        env: environment(bench),
      },
    );
    return { peakMiB: Number(readFileSync(file, 'utf8')) / 1024, tookMs };
  } finally {
    rmSync(file, { force: true });
  }
}

function environment({ store, env }) {
  return { ...process.env, ...env, MACHINE_STORAGE_PATH: store, SHELL: '/bin/bash' };
}

export function median(numbers) {
  const sorted = numbers.toSorted((one, other) => one - other);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}
