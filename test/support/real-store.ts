import { execFile } from 'node:child_process';
import { readdirSync, readlinkSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type BuiltForTest, lendImage } from './image-cache.ts';
import { runTmachine, type TmachineCall, type TmachineResult } from './run-tmachine.ts';
import { makeTempFolder } from './temp-folder.ts';

/** How another program ended. */
export interface ProgramResult {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A store with a boot image for real machines; disposing of it ends and removes them. */
export interface RealStore extends AsyncDisposable {
  readonly path: string;
  readonly image: BuiltForTest;
  /** `PATH` has a `tmachine`, as on a user's computer. */
  readonly env: Readonly<Record<string, string>>;
  tmachine(words: readonly string[], call?: TmachineCall): Promise<TmachineResult>;
  /** Standard output of a call that must succeed. */
  ask(...words: readonly string[]): Promise<string>;
  /** Standard output of a shell script in a guest, which must succeed. */
  inGuest(machine: string, script: string): Promise<string>;
  /** Any program of this computer, in the user's environment. */
  run(program: string, words: readonly string[], env?: Readonly<Record<string, string>>): Promise<ProgramResult>;
  file(machine: string, name: string): string;
  config(machine: string): Promise<MachineConfig>;
  /** Edits the stored driver data as a user with an editor would. */
  changeDriver(machine: string, change: Readonly<Record<string, unknown>>): Promise<void>;
  /** Processes that run in a folder of this store, or in that of one machine. */
  processes(machine?: string): readonly number[];
}

/** The parts of `config.json` that the tests read. */
export interface MachineConfig {
  readonly ConfigVersion: number;
  readonly DriverName: string;
  readonly Name: string;
  readonly Driver: Readonly<Record<string, unknown>> & { readonly IPAddress: string };
}

/** How a store differs from the usual. */
export interface RealStoreOptions {
  /** More variables of the user's. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the boot image comes from. */
  readonly lend?: (store: string) => Promise<BuiltForTest>;
}

/** Makes the store; builds the boot image where that has not been done. */
export async function openRealStore(options: RealStoreOptions = {}): Promise<RealStore> {
  const folder = await makeTempFolder();
  const path = join(folder.path, 'store');
  const env = { ...options.env, ...(await userEnvironment(folder.path, path, options.env?.['PATH'])) };
  const image = await (options.lend ?? lendImage)(path);
  const tmachine = (words: readonly string[], call: TmachineCall = {}): Promise<TmachineResult> =>
    runTmachine(words, { ...call, env: { ...env, ...call.env } });
  const file = (machine: string, name: string): string => join(path, 'machines', machine, name);
  const config = async (machine: string): Promise<MachineConfig> =>
    JSON.parse(await readFile(file(machine, 'config.json'), 'utf8'));
  return {
    path,
    image,
    env,
    tmachine,
    ask: async (...words) => succeeded(await tmachine(words), words),
    inGuest: async (machine, script) =>
      succeeded(await tmachine(['ssh', machine, 'sh', '-e'], { input: script }), [machine, script]),
    run: (program, words, more = {}) => runProgram(program, words, { ...env, ...more }),
    file,
    config,
    changeDriver: async (machine, change) => {
      const old = await config(machine);
      await writeFile(file(machine, 'config.json'), JSON.stringify({ ...old, Driver: { ...old.Driver, ...change } }));
    },
    processes: (machine) => processesIn(machine === undefined ? path : file(machine, '')),
    async [Symbol.asyncDispose]() {
      const names = (await tmachine(['ls', '-q'])).stdout.split('\n').filter((name) => name !== '');
      if (names.length > 0) await tmachine(['rm', '-f', ...names]);
      for (const pid of processesIn(path)) process.kill(pid, 'SIGKILL');
      await folder[Symbol.asyncDispose]();
    },
  };
}

async function userEnvironment(
  home: string,
  store: string,
  programs: string = process.env['PATH'] ?? '',
): Promise<Readonly<Record<string, string>>> {
  const bin = join(home, 'bin');
  const program = resolve(import.meta.dirname, '..', '..', 'bin', 'tmachine.cjs');
  await mkdir(bin);
  await symlink(program, join(bin, 'tmachine'));
  await chmod(program, 0o755);
  return {
    PATH: `${bin}:${programs}:/usr/sbin:/sbin`,
    HOME: home,
    LC_ALL: 'C',
    MACHINE_STORAGE_PATH: store,
  };
}

function succeeded({ exitCode, stdout, stderr }: TmachineResult, words: readonly string[]): string {
  if (exitCode !== 0) throw new Error(`tmachine ${words.join(' ')} ended with ${exitCode}:\n${stderr}${stdout}`);
  return stdout;
}

async function runProgram(
  program: string,
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ProgramResult> {
  return await new Promise((done, failed) => {
    const child = execFile(program, words, { env, timeout: 120_000 }, (error, stdout, stderr) => {
      if (error !== null && typeof error.code !== 'number') return failed(error);
      done({ exitCode: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
    child.stdin?.end();
  });
}

function processesIn(folder: string): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readlinkSync(`/proc/${pid}/cwd`).startsWith(folder);
      } catch {
        return false;
      }
    });
}
