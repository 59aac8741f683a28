import { execFileSync } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { EventBody } from '../../src/events/event.ts';
import { provisionGuest } from '../../src/provision/provision-guest.ts';
import { openGuest } from '../../src/ssh/open-guest.ts';
import { type DebianHost, startDebianHost } from '../support/debian-host.ts';
import { describeAsRoot } from '../support/requires.ts';
import { runTmachine, type TmachineResult } from '../support/run-tmachine.ts';
import { makeTempStore, type TempStore } from '../support/temp-store.ts';

const dropIns = '/etc/systemd/system/docker.service.d';

describeAsRoot(['systemd-nspawn', 'mmdebstrap', 'nsenter', 'ip', 'tar'], 'a Debian host with systemd', () => {
  let host: DebianHost;
  let temp: TempStore;
  beforeAll(async () => {
    [temp, host] = [await makeTempStore(), await startDebianHost()];
  });
  afterAll(async () => {
    await host?.[Symbol.asyncDispose]();
    await temp?.[Symbol.asyncDispose]();
  });

  const call = async (...words: string[]): Promise<TmachineResult> => await runTmachine(words, { env: temp.env });
  const ask = async (...words: string[]): Promise<string> => {
    const { exitCode, stdout, stderr } = await call(...words);
    expect(exitCode, stderr).toBe(0);
    return stdout;
  };
  /** Changes with each start of the daemon. */
  const daemon = async (): Promise<string> => await host.inside('systemctl show -p MainPID docker');

  test('create installs the package where the script cannot be had, and the engine answers over TLS', async () => {
    const { exitCode, stdout, stderr } = await call(
      ...['create', '-d', 'generic', '--generic-ip-address', host.address, '--generic-ssh-user', host.user],
      ...['--generic-ssh-key', host.key, '--engine-install-url', 'http://127.0.0.1:9/install.sh'],
      ...['--engine-label', 'odd=50%"$HOME"', '--engine-env', "ODD=a b%c 'd' $E \\f", 'dev'],
    );
    expect({ exitCode, stdout }, stderr).toEqual({ exitCode: 0, stdout: '' });
    const titles = ['Detecting the provisioner', 'Installing Docker', 'Copying certs to the remote machine'];
    for (const title of titles) expect(stderr).toContain(`${title}...\n`);
    const installed = await host.inside('dpkg-query -W docker.io | cut -f 2');
    expect(installed.startsWith((await ask('version', 'dev')).trim())).toBe(true);
    expect(await ask('ls', '-f', '{{.Name}} {{.State}} {{.URL}}')).toBe(`dev Running tcp://${host.address}:2376\n`);
  });

  test('host name, certificates and options are where they belong', async () => {
    expect(await ask('ssh', 'dev', 'hostname; getent hosts dev')).toMatch(/^dev\n127\.0\.1\.1 +dev\n$/);
    expect(await host.inside('stat -c "%a %n" /etc/docker/*.pem')).toBe(
      '644 /etc/docker/ca.pem\n600 /etc/docker/server-key.pem\n644 /etc/docker/server.pem\n',
    );
    const dropIn = await host.inside(`cat ${dropIns}/10-machine.conf`);
    expect(dropIn).toMatch(/^\[Service\]\nExecStart=\nExecStart=\/usr\/sbin\/dockerd -H tcp:\/\/0\.0\.0\.0:2376 /);
    const labels: unknown = JSON.parse(await ask('ssh', 'dev', "sudo docker info -f '{{json .Labels}}'"));
    expect(new Set(labels as string[])).toEqual(new Set(['provider=generic', 'odd=50%"$HOME"']));
    const environment = await host.inside('tr "\\0" "\\n" </proc/$(systemctl show -P MainPID docker)/environ');
    expect(environment).toContain("\nODD=a b%c 'd' $E \\f\n");
    expect(await host.inside('systemctl is-enabled docker')).toBe('enabled\n');
  });

  test('the same again changes nothing and restarts nothing', async () => {
    const events: EventBody[] = [];
    const options = { kind: 'native', signal: new AbortController().signal, emit: () => undefined, env: {} } as const;
    const target = { host: host.address, port: 22, user: host.user, identityFile: host.key };
    const read = async (name: string): Promise<string> => await host.inside(`cat /etc/docker/${name}`);
    const certificates = {
      ca: await read('ca.pem'),
      serverCert: await read('server.pem'),
      serverKey: await read('server-key.pem'),
    };
    const engine = { Labels: ['a=b'] };
    const again = async (): Promise<string> => {
      await provisionGuest({
        scope: 'everything',
        plan: { hostname: 'dev', options: engine, driverName: 'generic' },
        connect: async () => await openGuest({ ...target, knownHostsFile: `${temp.path}/known_hosts` }, options),
        makeCertificates: async () => certificates,
        emit: (event) => void events.push(event),
      });
      return await daemon();
    };
    const first = await again();
    expect(await again()).toBe(first);
    expect(await host.inside(`ls ${dropIns} /etc/docker | grep -c '\\.new' || true`)).toBe('0\n');
  });

  test('provision brings the options back, and regenerate-certs renews what the engine shows', async () => {
    const before = await daemon();
    await ask('provision', 'dev');
    expect(await daemon()).not.toBe(before);
    expect(await host.inside(`grep -c 'odd=50%%' ${dropIns}/10-machine.conf`)).toBe('1\n');
    const shown = (): string => fingerprint(host.address);
    const old = shown();
    await ask('regenerate-certs', '-f', 'dev');
    expect(shown()).not.toBe(old);
    expect(await ask('env', '--shell', 'sh', 'dev')).toContain(`tcp://${host.address}:2376`);
  });

  test('a drop-in that would win over ours is named', async () => {
    await host.inside(`printf '[Service]\\nExecStart=\\nExecStart=/usr/sbin/dockerd\\n' >${dropIns}/override.conf`);
    const { exitCode, stderr } = await call('provision', 'dev');
    await host.inside(`mv ${dropIns}/override.conf ${dropIns}/05-before.conf`);
    expect(exitCode).toBe(1);
    expect(stderr).toContain(
      `"see that our drop-in counts" failed: ${dropIns}/override.conf starts the daemon in its own way`,
    );
    await ask('provision', 'dev');
    await host.inside(`rm ${dropIns}/05-before.conf`);
  });

  test('a daemon that does not start shows the end of its journal', async () => {
    await host.inside(`echo '{"hosts": ["fd://"]}' >/etc/docker/daemon.json`);
    const { exitCode, stderr } = await call('provision', 'dev');
    await host.inside('rm /etc/docker/daemon.json; systemctl reset-failed docker');
    expect(exitCode).toBe(1);
    expect(stderr).toContain('"restart the daemon" failed');
    expect(stderr).toMatch(
      /The end of the daemon's log:[\s\S]*specified both as a flag and in the configuration file: hosts/,
    );
    await ask('provision', 'dev');
  });

  test('upgrade leaves an engine alone that is the newest of its packages', async () => {
    const before = await daemon();
    const { exitCode, stderr } = await call('upgrade', 'dev');
    expect(exitCode, stderr).toBe(0);
    expect(stderr).toContain('Upgrading docker...\n');
    expect(stderr).toMatch(/^"dev" has the newest engine of its packages \(Docker \S+\): nothing to do$/m);
    expect(await daemon()).toBe(before);
  });

  test('restart reboots the host', async () => {
    const started = async (): Promise<string> => await host.inside('systemctl show -p UserspaceTimestamp');
    const before = await started();
    const { exitCode, stderr } = await call('restart', 'dev');
    expect(exitCode, stderr).toBe(0);
    expect(await started()).not.toBe(before);
    expect(await ask('ssh', 'dev', 'hostname')).toBe('dev\n');
  });

  test('a script that can be had installs the engine, and rm leaves all of it there', async () => {
    await host.inside('apt-get -q -y purge docker.io >/dev/null 2>&1; hash -r; ! command -v dockerd');
    const script =
      'set -e\nDEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install docker.io\ntouch /installed-by-script\n';
    await using server = await serve(script);
    await ask('rm', '-f', 'dev');
    await ask(
      ...['create', '-d', 'generic', '--generic-ip-address', host.address, '--generic-ssh-user', host.user],
      ...['--generic-ssh-key', host.key, '--engine-install-url', `http://10.213.77.1:${server.port}/`],
      ...['--generic-engine-port', '2399', 'other'],
    );
    expect(await ask('url', 'other')).toBe(`tcp://${host.address}:2399\n`);
    expect(await ask('version', 'other')).toMatch(/^\d+\.\d+/);
    expect(await host.inside('ls /installed-by-script')).toBe('/installed-by-script\n');
    await ask('rm', '-y', 'other');
    expect(await host.inside('systemctl is-active docker')).toBe('active\n');
  });
});

function fingerprint(address: string): string {
  const shell = `openssl s_client -connect ${address}:2376 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`;
  return execFileSync('sh', ['-c', shell], { encoding: 'utf8' });
}

async function serve(text: string): Promise<AsyncDisposable & { readonly port: number }> {
  const server: Server = createServer((_request, response) => response.end(text));
  await new Promise<void>((resolve) => server.listen(0, '10.213.77.1', resolve));
  const bound = server.address();
  return {
    port: typeof bound === 'object' && bound !== null ? bound.port : 0,
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}
