import { expect, test } from 'vitest';
import { packHelloRoot } from '../../../src/engine/hello-image.ts';
import type { RealStore } from '../../support/real-store.ts';

const curl = 'curl -sS --unix-socket /var/run/docker.sock';
const json = '-H "Content-Type: application/json"';

/** Section 2 of the walkthrough: the CLI and the API over the Unix socket. */
export function engineApiCases(store: () => RealStore): void {
  test('docker run hello-world', async () => {
    const input = await packHelloRoot('\nHello from Docker!\nThis message shows that your installation works.\n');
    const words = ['ssh', 'myhost', 'docker', 'import', '-c', `'CMD ["/hello"]'`, '-', 'hello-world'];
    const { exitCode, stderr } = await store().tmachine(words, { input });
    expect(exitCode, stderr).toBe(0);
    expect(await store().ask('ssh', 'myhost', 'docker run --rm hello-world')).toContain('Hello from Docker!');
  });

  test('quickstart takes the machine that runs, and runs a first container in it', async () => {
    const { exitCode, stdout, stderr } = await store().tmachine(['quickstart', 'myhost']);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toMatch(/^Using "myhost", which runs already\.\n/);
    expect(stdout).toContain(store().image.engineVersion);
    expect(stdout).toMatch(/^Hello from Docker! .+\n$/m);
  });

  test('curl is new enough and speaks over Unix sockets', async () => {
    const about = await store().ask('ssh', 'myhost', 'curl', '--version');
    const [, major, minor] = /^curl (\d+)\.(\d+)/.exec(about) ?? [];
    expect(Number(major) * 1000 + Number(minor)).toBeGreaterThanOrEqual(7040);
    expect(about).toMatch(/^Features:.* UnixSockets/m);
  });

  test('GET /version', async () => {
    const answer = JSON.parse(await store().inGuest('myhost', `${curl} http://localhost/version`));
    expect(answer).toMatchObject({ Os: 'linux', Arch: 'amd64' });
    for (const key of [
      'Version',
      'ApiVersion',
      'MinAPIVersion',
      'GitCommit',
      'GoVersion',
      'KernelVersion',
      'BuildTime',
    ])
      expect(answer).toHaveProperty(key, expect.stringMatching(/./));
  });

  test('a container is made, started, awaited and read', async () => {
    const body = `'{"Image": "hello-world", "Tty": true}'`;
    const made = await store().inGuest(
      'myhost',
      `${curl} ${json} -d ${body} -X POST http://localhost/containers/create`,
    );
    const { Id, Warnings } = JSON.parse(made) as { readonly Id: string; readonly Warnings: unknown };
    expect(Id).toMatch(/^[0-9a-f]{64}$/);
    expect(Warnings ?? []).toEqual([]);
    const at = `http://localhost/containers/${Id.slice(0, 6)}`;
    expect(await store().inGuest('myhost', `${curl} -X POST ${at}/start`)).toBe('');
    expect(JSON.parse(await store().inGuest('myhost', `${curl} -X POST ${at}/wait`))).toEqual({ StatusCode: 0 });
    expect(await store().inGuest('myhost', `${curl} '${at}/logs?stdout=1'`)).toContain('Hello from Docker!');
  });
}
