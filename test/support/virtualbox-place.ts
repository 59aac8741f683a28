import { execFile } from 'node:child_process';
import { chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { basename, delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { findProgram } from '../../src/host/find-program.ts';
import { makeTempFolder } from './temp-folder.ts';

const execute = promisify(execFile);

/** VirtualBox with settings of its own; disposing of it ends and deletes its VMs, and the adapters made since. */
export interface VirtualBoxPlace extends AsyncDisposable {
  /** Variables for programs that shall see these settings. */
  readonly env: Readonly<Record<string, string>>;
  /** Standard output of a call, which must succeed and is not counted. */
  vboxManage(...words: readonly string[]): Promise<string>;
  /** The calls that programs with `env` have made since the last question. */
  takeCalls(): Promise<readonly string[]>;
}

/** Gives the VBoxManage that is on PATH a settings folder of its own and a log of its calls. */
export async function openVirtualBoxPlace(): Promise<VirtualBoxPlace> {
  const folder = await makeTempFolder();
  const program = await findProgram('VBoxManage', { env: process.env, platform: process.platform });
  if (program === undefined) throw new Error('These tests need VBoxManage on PATH');
  const log = join(folder.path, 'calls');
  const env = await loggedEnvironment({ folder: folder.path, program, log });
  const vboxManage = async (...words: readonly string[]): Promise<string> =>
    (await execute(program, [...words], { env: { ...process.env, ...env }, timeout: 60_000 })).stdout;
  const adapters = async (): Promise<readonly string[]> => column(await vboxManage('list', 'hostonlyifs'), 'Name');
  const adaptersBefore = await adapters();
  return {
    env,
    vboxManage,
    takeCalls: async () => {
      const text = await readFile(log, 'utf8').catch(() => '');
      await rm(log, { force: true });
      return text.split('\n').filter((line) => line !== '');
    },
    async [Symbol.asyncDispose]() {
      await removeMachines(vboxManage);
      for (const name of await adapters())
        if (!adaptersBefore.includes(name)) await vboxManage('hostonlyif', 'remove', name).catch(() => undefined);
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The values of one key in a listing of VBoxManage's, in its order. */
export function column(listing: string, key: string): readonly string[] {
  return listing
    .split('\n')
    .filter((line) => line.startsWith(`${key}:`))
    .map((line) => line.slice(key.length + 1).trim());
}

interface Logged {
  readonly folder: string;
  readonly program: string;
  readonly log: string;
}

/** `VBoxManage` as a script that writes the log, and otherwise is the program. */
async function loggedEnvironment({ folder, program, log }: Logged): Promise<Readonly<Record<string, string>>> {
  const settings = join(folder, 'virtualbox');
  const bin = join(folder, 'bin');
  for (const path of [settings, bin]) await mkdir(path);
  await writeFile(join(bin, 'VBoxManage'), `${loggingScript({ folder, program, log })}\n`);
  await chmod(join(bin, 'VBoxManage'), 0o755);
  const own = Object.entries(process.env).filter(([name]) => name.startsWith('VBOX'));
  return {
    ...(Object.fromEntries(own) as Record<string, string>),
    VBOX_USER_HOME: settings,
    // One VirtualBox server serves a user, whatever the settings, except under a name of its own.
    VBOX_IPC_SOCKETID: basename(folder),
    PATH: `${bin}${delimiter}${process.env['PATH']}`,
  };
}

/**
 * Where a laboratory runs machines in QEMU, its start now and then misses QEMU, or the settings that are being written, by a
 * moment; that is not VirtualBox's.
 */
function loggingScript({ folder, program, log }: Logged): string {
  return [
    '#!/bin/sh',
    `echo "$*" >>'${log}'`,
    `[ "$1" = startvm ] || exec '${program}' "$@"`,
    'for attempt in 1 2 3; do',
    `  said=$('${program}' "$@" 2>"${folder}/said.$$"); status=$?`,
    `  grep -q 'virtualbox-lab: .Errno 111\\|VERR_SUP_DRIVERLESS' "${folder}/said.$$" || break`,
    'done',
    `printf '%s\\n' "$said"; cat "${folder}/said.$$" >&2; rm "${folder}/said.$$"`,
    'exit $status',
  ].join('\n');
}

async function removeMachines(vboxManage: VirtualBoxPlace['vboxManage']): Promise<void> {
  const ids = [...(await vboxManage('list', 'vms')).matchAll(/\{([\da-f-]+)\}$/gm)].map(([, id]) => id ?? '');
  for (const id of ids) {
    await vboxManage('controlvm', id, 'poweroff').catch(() => undefined);
    await vboxManage('unregistervm', id, '--delete').catch(() => undefined);
  }
}
