import { readFile } from 'node:fs/promises';

/** A process told apart from a later one that got the same pid. */
export interface ProcessIdentity {
  readonly pid: number;
  /** Opaque; equal only for the same process of the same boot. Empty where the system does not tell. */
  readonly startedAt: string;
}

/** The identity of a running process, or nothing when there is none with this pid. */
export async function identifyProcess(pid: number, platform: NodeJS.Platform): Promise<ProcessIdentity | undefined> {
  if (!isAlive(pid)) return undefined;
  if (platform === 'linux') return await identifyByProc(pid);
  if (platform === 'win32') return { pid, startedAt: '' };
  return await identifyByPs(pid);
}

/** Whether exactly this process still runs. A zombie does not. */
export async function isSameProcess(identity: ProcessIdentity, platform: NodeJS.Platform): Promise<boolean> {
  const now = await identifyProcess(identity.pid, platform);
  return now !== undefined && now.startedAt === identity.startedAt;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Field 22 of /proc/PID/stat is the start time in ticks since boot; see proc(5). */
async function identifyByProc(pid: number): Promise<ProcessIdentity | undefined> {
  try {
    const [stat, bootId] = await Promise.all([
      readFile(`/proc/${pid}/stat`, 'utf8'),
      readFile('/proc/sys/kernel/random/boot_id', 'utf8'),
    ]);
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    const state = fields[0];
    if (state === 'Z' || state === 'X') return undefined;
    return { pid, startedAt: `${bootId.trim()}:${fields[19]}` };
  } catch {
    return undefined;
  }
}

async function identifyByPs(pid: number): Promise<ProcessIdentity | undefined> {
  const { run } = await import('./run.ts');
  const signal = new AbortController().signal;
  const env = { PATH: '/usr/bin:/bin' };
  const answer = await run({ program: 'ps', args: ['-o', 'stat=,lstart=', '-p', String(pid)] }, { env, signal });
  const [state, ...startedAt] = answer.stdout.trim().split(/\s+/);
  if (answer.exitCode !== 0 || state === undefined || state.startsWith('Z')) return undefined;
  return { pid, startedAt: startedAt.join(' ') };
}
