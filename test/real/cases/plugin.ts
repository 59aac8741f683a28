import { expect, test } from 'vitest';
import { buildPlugin } from '../../support/build-plugin.ts';
import type { RealStore } from '../../support/real-store.ts';

/** The guest of `myhost` as a machine that a plugin of docker-machine made. */
export function pluginCases(store: () => RealStore): void {
  test('create -d with a plugin ends with a running engine', async () => {
    const { IPAddress, SSHPort } = (await store().config('myhost')).Driver;
    const env = { PATH: `${await buildPlugin()}:${store().env['PATH']}` };
    const ask = async (...words: string[]): Promise<string> => {
      const { exitCode, stdout, stderr } = await store().tmachine(words, { env });
      expect(exitCode, stderr).toBe(0);
      return stdout;
    };
    await ask(
      ...['create', '-d', 'fake', '--fake-ip', IPAddress, '--fake-ssh-port', String(SSHPort)],
      ...['--fake-ssh-key', store().file('myhost', 'id_rsa'), '--engine-label', 'by=plugin', 'plugged'],
    );
    expect(await ask('env', '--shell', 'bash', 'plugged')).toContain(`DOCKER_HOST="tcp://${IPAddress}:2376"`);
    expect(await ask('ssh', 'plugged', 'hostname')).toBe('plugged\n');
    const labels: unknown = JSON.parse(await ask('ssh', 'plugged', "docker info -f '{{json .Labels}}'"));
    expect(new Set(labels as string[])).toEqual(new Set(['provider=fake', 'by=plugin']));
    await ask('regenerate-certs', '-f', 'plugged');
    await ask('rm', '-y', 'plugged');
    expect(await store().ask('status', 'myhost')).toBe('Running\n');
  });
}
