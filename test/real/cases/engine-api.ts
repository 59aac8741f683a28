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

  test('containers and logins run at random addresses, the engine at fixed ones where software emulates', async () => {
    const inGuest = async (script: string) => (await store().inGuest('myhost', script)).trim();
    await inGuest('tar -c -C / bin/busybox | docker import - box');
    const [container, login, engine] = [
      await inGuest('docker run --rm box /bin/busybox cat /proc/self/personality'),
      await inGuest('cat /proc/self/personality'),
      await inGuest('sudo cat "/proc/$(cat /var/run/docker.pid)/personality"'),
    ];
    const isEmulated = (await inGuest('cat /proc/cpuinfo')).includes('QEMU TCG');
    // ADDR_NO_RANDOMIZE, see personality(2).
    expect({ container, login, engine }).toEqual({
      container: '00000000',
      login: '00000000',
      engine: isEmulated ? '00040000' : '00000000',
    });
    await inGuest('docker rmi box');
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
