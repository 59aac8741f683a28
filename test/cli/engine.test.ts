import { spawn } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findFreePort } from '../../src/host/network.ts';
import { startFakeEngine } from '../support/fake-engine.ts';
import { MachineBench, type TinyMachine } from '../support/machine-bench.ts';
import { describeWith } from '../support/requires.ts';
import { makeCertificate } from '../unit/engine/certificates.ts';

const day = 24 * 3600 * 1000;

describeWith(['qemu-system-x86_64'], 'a running machine with an engine', () => {
  let bench: MachineBench;
  let machine: TinyMachine;
  let url: string;
  let port: number;

  beforeAll(async () => {
    bench = await MachineBench.make();
    machine = await bench.start('dev');
    ({ port } = await bench.giveEngine(machine));
    url = `tcp://${machine.address}:${port}`;
  }, 60_000);

  afterAll(async () => await bench[Symbol.asyncDispose]());

  test('status, ip, url and version are bare words', async () => {
    const say = async (command: string) => await bench.call([command, 'dev']);
    expect(await say('status')).toEqual({ exitCode: 0, stdout: 'Running\n', stderr: '' });
    expect(await say('ip')).toEqual({ exitCode: 0, stdout: `${machine.address}\n`, stderr: '' });
    expect(await say('url')).toEqual({ exitCode: 0, stdout: `${url}\n`, stderr: '' });
    expect(await say('version')).toEqual({ exitCode: 0, stdout: '26.1.5\n', stderr: '' });
  });

  test('-o json tells the same as data', async () => {
    const ask = async (...args: string[]) => {
      const { exitCode, stdout, stderr } = await bench.call([...args, '-o', 'json']);
      expect([exitCode, stderr]).toEqual([0, '']);
      return JSON.parse(stdout);
    };
    const at = (file: string) => join(machine.directory, file);
    expect(await ask('status', 'dev')).toEqual({ name: 'dev', state: 'Running' });
    expect(await ask('url', 'dev')).toEqual({ name: 'dev', url });
    expect(await ask('ip', 'dev')).toEqual([{ name: 'dev', ip: machine.address }]);
    expect(await ask('version', 'dev')).toEqual({ name: 'dev', version: '26.1.5' });
    expect(await ask('config', 'dev')).toEqual({
      tlsVerify: true,
      tlsCaCert: at('ca.pem'),
      tlsCert: at('cert.pem'),
      tlsKey: at('key.pem'),
      host: url,
    });
    expect(await ask('env', 'dev')).toEqual({
      DOCKER_TLS_VERIFY: '1',
      DOCKER_HOST: url,
      DOCKER_CERT_PATH: machine.directory,
      DOCKER_MACHINE_NAME: 'dev',
    });
    expect(await ask('ls')).toMatchObject([
      { name: 'dev', driver: 'qemu', state: 'Running', url, dockerVersion: '26.1.5', error: null },
    ]);
    const { stdout } = await bench.call(['active', '-o', 'json'], { env: { DOCKER_HOST: url } });
    expect(JSON.parse(stdout)).toEqual({ name: 'dev' });
  });

  test('config is five lines', async () => {
    const at = (file: string) => JSON.stringify(join(machine.directory, file));
    expect(await bench.call(['config', 'dev'])).toEqual({
      exitCode: 0,
      stdout: `--tlsverify\n--tlscacert=${at('ca.pem')}\n--tlscert=${at('cert.pem')}\n--tlskey=${at('key.pem')}\n-H=${url}\n`,
      stderr: '',
    });
  });

  test.each([
    ['bash', (k: string, v: string) => `export ${k}="${v}"`, '# Run this command to configure your shell: \n# eval $('],
    [
      'fish',
      (k: string, v: string) => `set -gx ${k} "${v}";`,
      '# Run this command to configure your shell: \n# eval (',
    ],
    [
      'powershell',
      (k: string, v: string) => `$Env:${k} = "${v}"`,
      '# Run this command to configure your shell: \n# & ',
    ],
    ['cmd', (k: string, v: string) => `SET ${k}=${v}`, 'REM Run this command to configure your shell: \nREM \t@FOR'],
    ['tcsh', (k: string, v: string) => `setenv ${k} "${v}";`, ': Run this command to configure your shell: \n: '],
    [
      'emacs',
      (k: string, v: string) => `(setenv "${k}" "${v}")`,
      ';; Run this command to configure your shell: \n;; (with-temp-buffer',
    ],
  ])('env --shell %s', async (shell, line, hint) => {
    const { exitCode, stdout, stderr } = await bench.call(['env', '--shell', shell, 'dev']);
    expect([exitCode, stderr]).toEqual([0, '']);
    const lines = [
      line('DOCKER_TLS_VERIFY', '1'),
      line('DOCKER_HOST', url),
      line('DOCKER_CERT_PATH', machine.directory),
      line('DOCKER_MACHINE_NAME', 'dev'),
    ];
    expect(stdout.slice(0, stdout.indexOf(hint))).toBe(`${lines.join('\n')}\n`);
    expect(stdout).toMatch(/\n$/);
  });

  test('env --no-proxy adds the address to the list there is', async () => {
    const withProxy = async (env: Record<string, string>) =>
      (await bench.call(['env', '--shell', 'sh', '--no-proxy', 'dev'], { env })).stdout;
    expect(await withProxy({})).toContain(`export NO_PROXY="${machine.address}"\n`);
    expect(await withProxy({ no_proxy: `a.b,${machine.address}9` })).toContain(
      `export no_proxy="a.b,${machine.address}9,${machine.address}"\n`,
    );
  });

  test('ls asks the engine for its version, and marks the machine that DOCKER_HOST means', async () => {
    await bench.temp.add('other', 'nosuch', {});
    expect((await bench.call(['ls'])).stdout).toMatch(
      new RegExp(`^dev +- +qemu +Running +${url} +v26\\.1\\.5 +$`, 'm'),
    );
    const env = { DOCKER_HOST: url };
    expect((await bench.call(['ls'], { env })).stdout).toMatch(/^dev +\* +qemu +Running /m);
    expect(await bench.call(['active'], { env })).toEqual({ exitCode: 0, stdout: 'dev\n', stderr: '' });
    const rows = await bench.call(['ls', '-f', '{{.Name}}|{{.Active}}|{{.ActiveHost}}|{{.State}}|{{.DockerVersion}}'], {
      env,
    });
    expect(rows.stdout).toBe('dev|*|true|Running|v26.1.5\nother||false|Error|Unknown\n');
    await bench.temp.store.remove('other');
  });

  test('ls --filter and -q see the state', async () => {
    await bench.temp.add('other', 'nosuch', {});
    expect((await bench.call(['ls', '-q', '--filter', 'state=running'])).stdout).toBe('dev\n');
    expect((await bench.call(['ls', '-q', '--filter', 'state=Error', '--filter', 'name=^o'])).stdout).toBe('other\n');
    expect((await bench.call(['ls', '-q', '--filter', 'driver=qemu', '--filter', 'state=Stopped'])).stdout).toBe('');
    await bench.temp.store.remove('other');
  });

  test('start of a running machine says so', async () => {
    expect(await bench.call(['start', 'dev'])).toMatchObject({
      exitCode: 1,
      stdout: '',
      stderr: 'Machine "dev" is already running.\n',
    });
  });

  test('regenerate-certs answered with no changes nothing', async () => {
    const before = await readFile(join(machine.directory, 'server.pem'), 'utf8');
    for (const input of ['n\n', '']) {
      const { exitCode, stdout, stderr } = await bench.call(['regenerate-certs', 'dev'], { input });
      expect([exitCode, stdout]).toEqual([0, '']);
      expect(stderr).toMatch(/^Regenerate TLS machine certs\? {2}Warning: this is irreversible\. \(y\/n\): /);
      expect(stderr).not.toContain('Regenerating');
    }
    expect(await readFile(join(machine.directory, 'server.pem'), 'utf8')).toBe(before);
  });
});

describeWith(['qemu-system-x86_64', 'openssl'], 'certificates that do not fit', () => {
  let bench: MachineBench;
  let machine: TinyMachine;

  beforeAll(async () => {
    bench = await MachineBench.make();
    machine = await bench.start('dev');
  }, 60_000);

  afterAll(async () => await bench[Symbol.asyncDispose]());

  /** What env and config say, which must differ in their first words alone. */
  async function complaint(): Promise<{ readonly reason: string; readonly rest: string }> {
    const [env, config] = await Promise.all([bench.call(['env', 'dev']), bench.call(['config', 'dev'])]);
    expect([env.exitCode, env.stdout, config.exitCode, config.stdout]).toEqual([1, '', 1, '']);
    const said = env.stderr.replace(/^Error checking TLS connection: /, '');
    expect(config.stderr).toMatch(/^Error running connection boilerplate: /);
    const seconds = /current time \S+/g;
    expect(config.stderr.replace(/^Error running connection boilerplate: /, '').replace(seconds, '')).toBe(
      said.replace(seconds, ''),
    );
    const [reason = '', ...rest] = said.split('\n');
    return { reason, rest: rest.join('\n') };
  }

  const advice =
    "You can attempt to regenerate them using 'tmachine regenerate-certs [name]'.\n" +
    'Be advised that this will trigger a Docker daemon restart which might stop running containers.\n';
  const begin = (port: number) =>
    'Error checking and/or regenerating the certs: There was an error validating certificates for host ' +
    `"${machine.address}:${port}": `;

  test('made for another address', async () => {
    const { port } = await bench.giveEngine(machine, { addresses: ['10.9.8.7'] });
    const { reason, rest } = await complaint();
    expect(reason).toBe(`${begin(port)}x509: certificate is valid for 10.9.8.7, not ${machine.address}`);
    expect(rest.startsWith(advice)).toBe(true);
  });

  test('expired years ago by both clocks', async () => {
    const { port } = await bench.giveEngine(machine, { now: new Date(Date.now() - 4000 * day) });
    const { reason, rest } = await complaint();
    expect(reason.startsWith(`${begin(port)}x509: certificate has expired or is not yet valid: current time `)).toBe(
      true,
    );
    expect(reason).toContain(' is after ');
    expect(rest.startsWith(advice)).toBe(true);
  });

  test.each([
    ['behind', -4000, ' is after '],
    ['ahead', 4000, ' is before '],
  ])('good by the clock of the engine, which is years %s of ours', async (_case, days, words) => {
    const clock = new Date(Date.now() + days * day);
    await bench.giveEngine(machine, { now: clock, clock });
    const { reason, rest } = await complaint();
    expect(reason).toContain('x509: certificate has expired or is not yet valid: current time ');
    expect(reason).toContain(words);
    expect(rest).toContain(`Try: the engine says it is ${clock.toISOString().slice(0, 10)}`);
    expect(rest).toContain('set the clock of this computer, or that of the machine');
    expect((await bench.call(['ls'])).stdout).toMatch(
      /^dev +- +qemu +Running .* Unknown +.*certificate (has expired|is not yet valid)/m,
    );
  });

  test('signed by another authority', async () => {
    await bench.giveEngine(machine);
    const signer = await makeCertificate({ usage: 'authority' });
    const server = await makeCertificate({ usage: 'server', signer, names: [machine.address] });
    const ca = (await bench.authority()).ca.certPem;
    await using engine = await startFakeEngine(machine.address, { ca, cert: server.cert, key: server.key });
    await bench.setPort(machine.name, engine.port);
    const { reason, rest } = await complaint();
    expect(reason).toContain('x509: certificate signed by unknown authority');
    expect(rest.startsWith(advice)).toBe(true);
  });

  test('of a client that the engine does not know', async () => {
    await bench.giveEngine(machine);
    await writeFile(join(machine.directory, 'stranger.pem'), (await makeCertificate({ usage: 'authority' })).cert);
    await using _engine = await startStrictEngine();
    const { reason, rest } = await complaint();
    expect(reason).toContain('remote error: tls: unknown certificate authority');
    expect(rest.startsWith(advice)).toBe(true);
  });

  /** OpenSSL's own server says in an alert why it refuses a client, as Docker's does and Node's does not. */
  async function startStrictEngine(): Promise<AsyncDisposable> {
    const port = await findFreePort(machine.address);
    const files = ['-cert', 'server.pem', '-key', 'server-key.pem', '-CAfile', 'stranger.pem'];
    const verify = ['-Verify', '1', '-verify_return_error', '-www'];
    const server = spawn('openssl', ['s_server', '-accept', `${machine.address}:${port}`, ...files, ...verify], {
      cwd: machine.directory,
    });
    await new Promise<void>((resolve) =>
      server.stdout.on('data', (text) => String(text).includes('ACCEPT') && resolve()),
    );
    await bench.setPort(machine.name, port);
    return {
      async [Symbol.asyncDispose]() {
        server.kill();
        await new Promise((resolve) => server.once('close', resolve));
      },
    };
  }

  async function restoreCertificates(): Promise<void> {
    const { directory } = bench.temp.store.layout.certs;
    for (const name of ['cert.pem', 'key.pem']) await rm(join(directory, name));
    await bench.issue('dev', machine.address, new Date());
  }

  describe('of the client:', () => {
    const cases: readonly (readonly [string, (folder: string) => Promise<void>, RegExp])[] = [
      [
        'cert.pem of another key',
        async (folder) => await writeFile(join(folder, 'cert.pem'), (await makeCertificate({ usage: 'client' })).cert),
        /tls: /,
      ],
      ['cert.pem is no certificate', async (folder) => await writeFile(join(folder, 'cert.pem'), 'nonsense'), /tls: /],
    ];

    test.each(cases)('%s', async (_case, spoil, words) => {
      await bench.giveEngine(machine);
      // Where the original is damaged as well, there is nothing to mend the copy with.
      for (const folder of [machine.directory, bench.temp.store.layout.certs.directory]) await spoil(folder);
      const { reason, rest } = await complaint();
      expect(reason).toMatch(words);
      expect(rest.startsWith(advice)).toBe(true);
      await restoreCertificates();
    });
  });

  test('an engine that does not answer is not blamed on certificates', async () => {
    const engine = await bench.giveEngine(machine);
    await engine[Symbol.asyncDispose]();
    const { reason, rest } = await complaint();
    expect(reason).toMatch(/^Cannot reach the Docker Engine of "dev" at .*connection refused/);
    expect(rest).not.toContain('regenerate');
    const { exitCode, stdout } = await bench.call(['version', 'dev']);
    expect([exitCode, stdout]).toEqual([1, '']);
  });

  test('an engine that never answers is a Timeout row of ls, and no host is active', async () => {
    await bench.giveEngine(machine, { silent: true });
    const { exitCode, stdout } = await bench.call(['ls', '-t', '1']);
    expect(exitCode).toBe(0);
    expect(stdout).toMatch(/^dev +qemu +Timeout +tcp:\S+ +no answer in 1 s; last known: Running$/m);
    const { address } = machine;
    expect(await bench.call(['active'], { env: { DOCKER_HOST: `tcp://${address}:1` } })).toMatchObject({
      exitCode: 1,
      stderr: 'No active host found\nTry: point this shell at a machine: eval "$(tmachine env NAME)"\n',
    });
  });
});
