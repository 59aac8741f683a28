import { expect, test } from 'vitest';
import type { RealStore } from '../../support/real-store.ts';

const web = `mkdir -p /tmp/web/bin /tmp/web/www && cd /tmp/web
cp /usr/bin/busybox bin/
echo it works > www/index.html
printf 'FROM scratch\\nCOPY . /\\nSTOPSIGNAL KILL\\nCMD ["/bin/busybox", "httpd", "-f", "-p", "80", "-h", "/www"]\\n' > Dockerfile
DOCKER_BUILDKIT=0 docker build -q -t web . 2>/dev/null
docker run -d --name web --restart always -p 8080:80 web
`;

/** A container and files that outlive restarts, and the verbs in between. */
export function powerCases(store: () => RealStore): void {
  const page = async (): Promise<string> => {
    const { IPAddress, Publish } = (await store().config('myhost')).Driver;
    const port = /^\d+/.exec(String((Publish as readonly string[])[0]))?.[0];
    const words = ['-sS', '--retry', '20', '--retry-all-errors', '--retry-delay', '1', `http://${IPAddress}:${port}/`];
    return (await store().run('curl', words)).stdout;
  };

  test('a container built from scratch publishes a port to this computer', async () => {
    await store().inGuest('myhost', web);
    expect(await page()).toBe('it works\n');
  });

  test('status, url, ip, ls and inspect of a running machine', async () => {
    const { IPAddress } = (await store().config('myhost')).Driver;
    expect(await store().ask('status', 'myhost')).toBe('Running\n');
    expect(await store().ask('ip', 'myhost')).toBe(`${IPAddress}\n`);
    expect(await store().ask('url', 'myhost')).toBe(`tcp://${IPAddress}:2376\n`);
    expect(await store().ask('inspect', '-f', '{{.Driver.IPAddress}} {{.DriverName}}', 'myhost')).toBe(
      `${IPAddress} qemu\n`,
    );
    const [title, row] = (await store().ask('ls')).split('\n').map((line) => line.trim().split(/\s+/));
    expect(title).toEqual(['NAME', 'ACTIVE', 'DRIVER', 'STATE', 'URL', 'SWARM', 'DOCKER', 'ERRORS']);
    const version = expect.stringContaining(`v${store().image.engineVersion}`);
    expect(row).toEqual(['myhost', '-', 'qemu', 'Running', `tcp://${IPAddress}:2376`, version]);
    const again = await store().tmachine(['start', 'myhost']);
    expect(again).toEqual({ exitCode: 1, stdout: '', stderr: 'Machine "myhost" is already running.\n' });
  });

  test('a container with a restart policy, images and the start script survive restart', async () => {
    const script = 'echo ran $(cut -d. -f1 /proc/uptime) > /tmp/bootlocal-ran';
    await store().inGuest('myhost', `echo '${script}' | sudo tee /var/lib/boot2docker/bootlocal.sh; rm -rf /tmp/web`);
    const images = await store().ask('ssh', 'myhost', 'docker images -q');
    const ends = 'trap "echo asked > /var/lib/boot2docker/asked; exit" TERM; while :; do sleep 1; done';
    await store().inGuest('myhost', `sudo setsid sh -c '${ends}' > /dev/null 2>&1 < /dev/null &`);
    const { exitCode, stderr } = await store().tmachine(['restart', 'myhost']);
    expect(exitCode, stderr).toBe(0);
    expect(await page()).toBe('it works\n');
    expect(await store().ask('ssh', 'myhost', 'docker images -q')).toBe(images);
    const waiting = 'for i in $(seq 60); do [ -s /tmp/bootlocal-ran ] && break; sleep 1; done; cat /tmp/bootlocal-ran';
    expect(await store().ask('ssh', 'myhost', waiting)).toMatch(/^ran \d+$/m);
    expect(await store().ask('ssh', 'myhost', 'cat /var/lib/boot2docker/asked')).toBe('asked\n');
    expect(await store().ask('ssh', 'myhost', 'cat /shared/from-here')).toBe('shared\n');
  });

  test('stop powers the guest off; what needs it running says so', async () => {
    const { exitCode, stderr } = await store().tmachine(['stop', 'myhost']);
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('Machine "myhost" was stopped.\n');
    expect(store().processes()).toEqual([]);
    expect(await store().ask('status', 'myhost')).toBe('Stopped\n');
    expect(await store().ask('ls', '-f', '{{.Name}} {{.State}} {{.URL}}')).toBe('myhost Stopped \n');
    for (const verb of ['env', 'config', 'url', 'ip']) {
      const result = await store().tmachine([verb, 'myhost']);
      expect([verb, result.exitCode, result.stdout]).toEqual([verb, 1, '']);
      expect(result.stderr).toContain('Host is not running');
    }
    const again = await store().tmachine(['stop', 'myhost']);
    expect(again).toEqual({ exitCode: 1, stdout: '', stderr: 'Machine "myhost" is already stopped.\n' });
  });
}
