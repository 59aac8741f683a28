import { execFile } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { callVBoxManage } from '../fakes/vboxmanage/call.js';
import { withPath } from './fake-path.ts';
import { makeTempFolder } from './temp-folder.ts';

/** An answer of VBoxManage. */
export interface VBoxAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A stand-in for VBoxManage with settings of its own; see test/fakes/vboxmanage/README.md. */
export interface VBoxStandIn extends AsyncDisposable {
  /** A folder for machines and disks. */
  readonly path: string;
  /** An environment in which `VBoxManage` is the stand-in. */
  readonly env: Readonly<Record<string, string>>;
  /** One call within this process; `words` are parted at blanks. */
  answer(words: string | readonly string[], env?: Readonly<Record<string, string>>): Promise<VBoxAnswer>;
  /** Standard output of a call that must succeed. */
  ask(words: string | readonly string[], env?: Readonly<Record<string, string>>): Promise<string>;
  /** One call as a process of its own. */
  run(words: string, env?: Readonly<Record<string, string>>): Promise<VBoxAnswer>;
  /** A value of `showvminfo --machinereadable`, without quotation marks. */
  info(machine: string, key: string): Promise<string | undefined>;
}

const fakes = join(import.meta.dirname, '..', 'fakes');
/** The stand-in as a program. */
export const standInProgram: string = join(fakes, 'VBoxManage');

/** Makes a stand-in as on a computer where VirtualBox has just been installed. */
export async function makeVBoxStandIn(settings: Readonly<Record<string, string>> = {}): Promise<VBoxStandIn> {
  const folder = await makeTempFolder();
  const path = folder.path;
  const home = { HOME: path, VBOX_USER_HOME: join(path, 'settings'), FAKE_VBOX_NETWORKS_CONF: '/nowhere' };
  const env = { ...withPath(fakes), ...home, ...settings };
  await writeFile(join(path, 'empty'), '');
  const answer: VBoxStandIn['answer'] = async (words, more = {}) => {
    const input = openSync(join(path, 'empty'), 'r');
    try {
      return await callVBoxManage({ argv: partsOf(words), env: { ...env, ...more }, input });
    } finally {
      closeSync(input);
    }
  };
  const ask: VBoxStandIn['ask'] = async (words, more) => {
    const { code, stdout, stderr } = await answer(words, more);
    if (code !== 0) throw new Error(`VBoxManage ${words} ended with ${code}:\n${stderr}`);
    return stdout;
  };
  return {
    ...{ path, env, answer, ask },
    run: (words, more = {}) => runStandIn(partsOf(words), { ...env, ...more }),
    info: async (machine, key) => {
      const line = (await ask(['showvminfo', machine, '--machinereadable'])).split('\n').find(startsWith(key));
      return line?.slice(line.indexOf('=') + 1).replaceAll('"', '');
    },
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}

function partsOf(words: string | readonly string[]): readonly string[] {
  return typeof words === 'string' ? words.split(' ') : words;
}

function startsWith(key: string): (line: string) => boolean {
  return (line) => line.startsWith(`${key}=`) || line.startsWith(`"${key}"=`);
}

function runStandIn(words: readonly string[], env: Readonly<Record<string, string>>): Promise<VBoxAnswer> {
  return new Promise((resolve) => {
    execFile(standInProgram, words, { env }, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr });
    });
  });
}
