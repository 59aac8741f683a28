import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import type { ProgramResult, RealStore } from '../../support/real-store.ts';

const ask = ['version', '--format', '{{.Client.Context}} {{.Server.Version}}'];

/** The Docker CLI of this computer as the user has it, without a word from the shell about machines. */
function docker(store: RealStore, ...words: readonly string[]): Promise<ProgramResult> {
  return store.run('docker', words);
}

/** `myhost` was made with `--context`. */
export function contextCases(store: () => RealStore): void {
  test('create --context left the Docker CLI on the machine', async () => {
    const { stdout, stderr } = await docker(store(), ...ask);
    expect(stdout, stderr).toContain(`myhost ${store().image.engineVersion}`);
    expect((await docker(store(), 'context', 'inspect', '--format', '{{.Name}}')).stdout).toBe('myhost\n');
    const format = '{{.Name}} {{.Current}} {{.DockerEndpoint}}';
    const { IPAddress } = (await store().config('myhost')).Driver;
    expect((await docker(store(), 'context', 'ls', '--format', format)).stdout).toContain(
      `myhost true tcp://${IPAddress}:2376\n`,
    );
  });
}

/** Leaves the Docker CLI as most other cases want it: on no machine. */
export function leftContextCases(store: () => RealStore): void {
  test('the machine of the context is active, until use - takes the Docker CLI back', async () => {
    expect(await store().ask('active')).toBe('myhost\n');
    expect(await store().ask('ls', '-f', '{{.Name}} {{.Active}}')).toBe('myhost *\n');
    expect((await store().tmachine(['use', '-'])).stderr).toContain('is back on "default"');
    expect((await store().tmachine(['active'])).exitCode).toBe(1);
  });
}

/** After another address, another certificate and several starts; the context was not current meanwhile. */
export function movedContextCases(store: () => RealStore): void {
  test('the context has come along to the new address, and use is back on it', async () => {
    const { stdout, stderr } = await docker(store(), '--context', 'myhost', ...ask);
    expect(stdout, stderr).toContain(`myhost ${store().image.engineVersion}`);
    expect((await docker(store(), 'context', 'inspect', '--format', '{{.Name}}')).stdout).toBe('default\n');
    await store().ask('use', 'myhost');
    expect((await docker(store(), ...ask)).stdout).toContain(`myhost ${store().image.engineVersion}`);
  });
}

/** After `kill` and `rm`. */
export function goneContextCases(store: () => RealStore): void {
  test('the Docker CLI is on its default context, the only one', async () => {
    expect((await docker(store(), 'context', 'ls', '--format', '{{.Name}} {{.Current}}')).stdout).toBe(
      'default true\n',
    );
    const config = join(dirname(store().path), '.docker', 'config.json');
    expect(await readFile(config, 'utf8')).not.toContain('myhost');
  });
}
