import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isPortFree } from '../../src/host/network.ts';
import { openRealStore, type RealStore } from '../support/real-store.ts';
import { describeWith } from '../support/requires.ts';
import type { TmachineResult } from '../support/run-tmachine.ts';
import { tinyGuestImage } from '../support/tiny-guest.ts';

const small = ['create', '--driver', 'qemu', '--qemu-memory', '512'];
const moments = ['Creating machine...', 'Starting the virtual machine...', 'Waiting for the Docker Engine'];

describeWith(['qemu-system-x86_64'], 'create that does not come to its end', () => {
  let store: RealStore;
  let silent: Promise<TmachineResult>;
  beforeAll(async () => {
    store = await openRealStore();
    // Its wait is long and costs nothing, so it passes while the others work.
    silent = createFrom(store, silentGuest(), 'silent');
  });
  afterAll(async () => {
    await silent;
    await store?.[Symbol.asyncDispose]();
  });

  const files = async (): Promise<readonly string[]> =>
    (await readdir(join(store.path, 'machines'))).filter((name) => name !== 'silent');
  /** Whose machine folder is the working folder of no process any more. */
  const isGone = async (name: string, addresses: readonly string[]): Promise<void> => {
    expect(await files()).not.toContain(name);
    expect(store.processes(name)).toEqual([]);
    for (const address of addresses)
      for (const port of [2376, 2222])
        expect([address, port, await isPortFree(address, port)]).toEqual([address, port, true]);
  };

  test.each(moments)('Ctrl-C at "%s" leaves nothing', async (moment) => {
    const address = '127.0.99.241';
    const { exitCode, stdout, stderr } = await signalled(store, [...small, '--qemu-address', address, 'stopped'], {
      moment,
      signal: 'SIGINT',
    });
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 130, stdout: '' });
    await isGone('stopped', [address]);
  });

  test.each(moments)('kill -9 at "%s" leaves what rm -f removes', async (moment) => {
    const address = '127.0.99.242';
    const { exitCode } = await signalled(store, [...small, '--qemu-address', address, 'killed'], {
      moment,
      signal: 'SIGKILL',
    });
    expect(exitCode).toBe(null);
    expect((await store.tmachine(['ls'])).exitCode).toBe(0);
    const removed = await store.tmachine(['rm', '-f', 'killed']);
    expect(removed.exitCode, removed.stderr).toBe(0);
    await isGone('killed', [address]);
  });

  test('a dockerd that does not start shows its log, and nothing is left', async () => {
    const { exitCode, stdout, stderr } = await store.tmachine([...small, '--engine-opt', 'nonsense=1', 'broken']);
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/dockerd did not start in "broken"/);
    expect(stderr).toMatch(/unknown flag: --nonsense/);
    await isGone('broken', []);
  });

  test('two at once get addresses of their own', async () => {
    const results = await Promise.all(['left', 'right'].map((name) => store.tmachine([...small, name])));
    for (const { exitCode, stderr } of results) expect(exitCode, stderr).toBe(0);
    const addresses = (await store.ask('ip', 'left', 'right')).trim().split('\n');
    expect(new Set(addresses).size).toBe(2);
    for (const name of ['left', 'right']) expect(await store.ask('ssh', name, 'hostname')).toBe(`${name}\n`);
    expect((await store.tmachine(['rm', '-f', 'left', 'right'])).exitCode).toBe(0);
    await isGone('left', addresses);
    await isGone('right', addresses);
  });

  test('a guest that never boots is given up and named', async () => {
    const { exitCode, stdout, stderr } = await silent;
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 1, stdout: '' });
    expect(stderr).toMatch(/"silent" does not boot: its console is still silent/);
    await isGone('silent', []);
    expect(store.processes()).toEqual([]);
  });
});

/** Boots and says nothing; it has the volume name of our images. */
function silentGuest(): Buffer {
  const image = tinyGuestImage({ says: '', obeysPowerButton: false });
  image.write('TMACHINE'.padEnd(32), 16 * 2048 + 40, 'latin1');
  image.writeUInt32LE(image.length / 2048, 16 * 2048 + 80);
  return image;
}

async function createFrom(store: RealStore, image: Buffer, name: string): Promise<TmachineResult> {
  const path = join(store.path, `${name}.iso`);
  await writeFile(path, image);
  return await store.tmachine([...small, '--qemu-boot2docker-url', path, name]);
}

/** A call that gets a signal as soon as it says `moment` on standard error. */
async function signalled(
  store: RealStore,
  words: readonly string[],
  when: { readonly moment: string; readonly signal: NodeJS.Signals },
): Promise<TmachineResult> {
  return await store.tmachine(words, {
    onStart: (child) => {
      let said = '';
      child.stderr.on('data', (chunk: Buffer) => {
        const before = said.includes(when.moment);
        said += chunk.toString();
        if (!before && said.includes(when.moment)) child.kill(when.signal);
      });
    },
  });
}
