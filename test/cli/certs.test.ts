import type { ChildProcessWithoutNullStreams } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, copyFile, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createConnection } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { CertificateStatus } from '../../src/machine/certificate-status.ts';
import { FakeGuest } from '../support/fake-guest.ts';
import { lendAuthority } from '../support/lent-authority.ts';
import { MachineBench, type TinyMachine } from '../support/machine-bench.ts';
import { describeWith } from '../support/requires.ts';
import type { TmachineResult } from '../support/run-tmachine.ts';
import { makeCertificate } from '../unit/engine/certificates.ts';

const day = 24 * 3600 * 1000;
let bench: MachineBench;

beforeEach(async () => {
  bench = await MachineBench.make();
  await lendAuthority(certs(''), 'tester');
});

afterEach(async () => await bench[Symbol.asyncDispose]());

const certs = (name: string) => join(bench.temp.path, 'certs', name);

async function certificate(path: string): Promise<X509Certificate> {
  return new X509Certificate(await readFile(path));
}

async function status(
  ...words: string[]
): Promise<{ exitCode: number | null; of: (owner: string) => CertificateStatus }> {
  const { exitCode, stdout, stderr } = await bench.call(['certs', 'status', '-o', 'json', ...words]);
  const rows = JSON.parse(stdout) as readonly CertificateStatus[];
  const of = (owner: string): CertificateStatus => {
    const row = rows.find(({ kind, machine }) => (machine ?? kind) === owner);
    if (row === undefined) throw new Error(`no row of ${owner}: ${stdout}${stderr}`);
    return row;
  };
  return { exitCode, of };
}

describe('certs status', () => {
  let box: string;
  let other: string;

  /** Two machines that only exist in the store. */
  beforeEach(async () => {
    box = await bench.store('box', '10.0.0.1');
    other = await bench.store('other', '10.0.0.2');
  });

  test('is a table of everything, and good', async () => {
    const { exitCode, stdout, stderr } = await bench.call(['certs', 'status']);
    expect([exitCode, stderr]).toEqual([0, '']);
    const lines = stdout.trimEnd().split('\n');
    expect(lines[0]).toMatch(/^OWNER +SUBJECT +NAMES +NOT BEFORE +NOT AFTER +DAYS LEFT +PROBLEM$/);
    const time = '\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\dZ';
    expect(lines[1]).toMatch(new RegExp(`^authority +tester +${time} +${time} +1079 +$`));
    expect(lines[2]).toMatch(new RegExp(`^client +tester\\.<bootstrap> +${time} +${time} +1079 +$`));
    expect(lines[3]).toMatch(/^box +tester\.box +10\.0\.0\.1,127\.0\.0\.1,localhost,box +.* +1079 +$/);
    expect(lines[4]).toMatch(/^other +tester\.other /);
    expect((await bench.call(['certs', 'status', 'other'])).stdout).not.toContain('box');
  });

  const damages: readonly (readonly [string, () => Promise<unknown>, string, RegExp])[] = [
    [
      'the certificate of another machine',
      () => copyFile(join(other, 'server.pem'), join(box, 'server.pem')),
      'box',
      /^server-key\.pem is not its key; not valid for 10\.0\.0\.1$/,
    ],
    ['a certificate cut off in the middle', () => cut(join(box, 'server.pem')), 'box', /server\.pem": it is cut off/],
    ['a certificate without its key', () => writeFile(join(box, 'server-key.pem'), ''), 'box', /is not its key/],
    [
      'a key open to others',
      () => chmod(certs('key.pem'), 0o644),
      'client',
      /^key\.pem is open to others \(mode 0644\)$/,
    ],
    ['a copied key open to others', () => chmod(join(box, 'key.pem'), 0o640), 'box', /^key\.pem is open .*0640/],
    ['an authority cut off', () => cut(certs('ca.pem')), 'authority', /ca\.pem": it is cut off/],
    [
      'a key of another authority',
      () => copyFile(certs('key.pem'), certs('ca-key.pem')),
      'authority',
      /ca-key\.pem is not/,
    ],
    [
      'an old copy',
      () => writeFile(join(box, 'cert.pem'), 'old'),
      'box',
      /^its copy of cert\.pem is not the one in use$/,
    ],
    ['another authority', replaceAuthority, 'box', /^signed by another authority than ca\.pem/],
    ['another authority', replaceAuthority, 'client', /^signed by another authority than ca\.pem/],
  ];

  test.each(damages)('says what is wrong with %s', async (_case, damage, owner, words) => {
    await damage();
    const { exitCode, of } = await status();
    expect(exitCode).toBe(1);
    expect(
      of(owner)
        .problems.map(({ text }) => text)
        .join('; '),
    ).toMatch(words);
  });

  test('says what to do', async () => {
    await chmod(join(box, 'key.pem'), 0o644);
    expect((await bench.call(['certs', 'status'])).stderr).toBe('Try: tmachine certs renew --all\n');
    await cut(certs('ca.pem'));
    expect((await bench.call(['certs', 'status'])).stderr).toContain(`Try: bring ${certs('ca.pem')} `);
  });

  test('tells what expires soon, and only fails for what has expired', async () => {
    await bench.issue('box', '10.0.0.1', new Date(Date.now() - 1070 * day));
    const soon = await status();
    expect([soon.exitCode, soon.of('box').problems]).toEqual([0, [{ code: 'due', text: 'expires in 9 days' }]]);
    await bench.issue('box', '10.0.0.1', new Date(Date.now() - 1100 * day));
    const late = await status();
    expect([late.exitCode, late.of('box').problems]).toEqual([
      1,
      [{ code: 'expired', text: expect.stringMatching(/^expired on 20\d\d-/) }],
    ]);
    expect(late.of('box').daysLeft).toBeLessThan(0);
  });

  test('ls -f and inspect show the dates, and ls alone is what it was', async () => {
    const { validTo } = await certificate(join(box, 'server.pem'));
    const time = `${new Date(validTo).toISOString().slice(0, 19)}Z`;
    const format = 'table {{.Name}}\t{{.CertificateExpires}}\t{{.CertificateDaysLeft}}';
    expect((await bench.call(['ls', '-f', format])).stdout).toMatch(
      new RegExp(`^NAME +CERTIFICATE EXPIRES +DAYS LEFT\nbox +${time} +1079\n`),
    );
    expect((await bench.call(['ls', '-f', '{{json .}}'])).stdout).not.toContain('Certificate');
    const { stdout } = await bench.call(['inspect', 'box']);
    const shown = JSON.parse(stdout);
    expect(Object.keys(shown).at(-1)).toBe('Certificates');
    expect(Object.keys(shown.Certificates)).toEqual(['Authority', 'Client', 'Server']);
    expect(shown.Certificates.Server).toMatchObject({ NotAfter: time, DaysLeft: 1079 });
    const stored = await readFile(join(box, 'config.json'), 'utf8');
    expect(stdout.startsWith(stored.slice(0, -2))).toBe(true);
    const asked = await bench.call(['inspect', '-f', '{{.Certificates.Server.DaysLeft}}', 'box']);
    expect(asked.stdout).toBe('1079\n');
    expect((await bench.call(['inspect', '-f', '{{json .}}', 'box'])).stdout).not.toContain('Certificates');
  });

  test('an unknown machine, a missing word and a wrong one are refused', async () => {
    expect(await bench.call(['certs', 'status', 'nobody'])).toMatchObject({ exitCode: 1, stdout: '' });
    for (const words of [[], ['mend'], ['renew', '--all', 'box'], ['rotate-ca', 'box']])
      expect(await bench.call(['certs', ...words])).toMatchObject({ exitCode: 2, stdout: '' });
  });

  async function cut(path: string): Promise<void> {
    await writeFile(path, (await readFile(path, 'utf8')).slice(0, 500));
  }

  async function replaceAuthority(): Promise<void> {
    const authority = await makeCertificate({ usage: 'authority' });
    await writeFile(certs('ca.pem'), authority.cert);
    await writeFile(certs('ca-key.pem'), authority.key);
  }
});

describeWith(['qemu-system-x86_64', 'openssl'], 'machines that run', () => {
  const guests: FakeGuest[] = [];

  afterEach(async () => {
    for (const guest of guests.splice(0)) await guest[Symbol.asyncDispose]();
  });

  /** A running machine whose certificate was made at `now`, with an inside. */
  async function start(
    name: string,
    now = new Date(),
    clockOffsetSeconds = 0,
  ): Promise<{ machine: TinyMachine; guest: FakeGuest }> {
    const machine = await bench.start(name);
    await bench.issue(name, machine.address, now);
    const guest = await FakeGuest.make(bench, machine, clockOffsetSeconds);
    guests.push(guest);
    return { machine, guest };
  }

  async function succeed(...words: string[]): Promise<TmachineResult> {
    const result = await bench.call(words);
    expect(result.exitCode, result.stderr + result.stdout).toBe(0);
    return result;
  }

  const inDays = async (path: string): Promise<number> =>
    (new Date((await certificate(path)).validTo).getTime() - Date.now()) / day;

  test('certs renew renews what is due, once, and says so', async () => {
    const { machine, guest } = await start('dev', new Date(Date.now() - 1070 * day));
    const fresh = await start('fresh');
    const first = await succeed('certs', 'renew', '--all');
    expect(first.stdout).toMatch(
      /^OWNER +RESULT +REASON\nauthority +good +\nclient +good +\ndev +renewed +expires in 9 days\nfresh +good +\n$/,
    );
    expect(await inDays(join(machine.directory, 'server.pem'))).toBeGreaterThan(1000);
    expect(await readFile(guest.file('server.pem'), 'utf8')).toBe(
      await readFile(join(machine.directory, 'server.pem'), 'utf8'),
    );
    expect((await succeed('certs', 'renew', 'dev')).stdout).toContain('dev         good');
    expect([await guest.starts(), await fresh.guest.starts()]).toEqual([2, 1]);
    await succeed('env', 'dev');
    await succeed('certs', 'renew', '--force', 'fresh');
    expect(await fresh.guest.starts()).toBe(2);
    await succeed('env', 'dev');
  });

  test('a machine that is off is named, and keeps its certificate until it starts', async () => {
    const machine = await bench.start('off');
    await bench.issue('off', machine.address, new Date(Date.now() - 1070 * day));
    await bench.call(['kill', 'off']);
    const { stdout } = await succeed('certs', 'renew', 'off');
    expect(stdout).toMatch(/^off +off, renewed at its next start +expires in 9 days$/m);
  });

  test('start renews a certificate with ten days left before it reports success', async () => {
    const { machine, guest } = await start('dev', new Date(Date.now() - 1069 * day));
    await pause(machine);
    const { stderr } = await succeed('start', 'dev');
    expect(stderr).toMatch(
      /The certificate of the engine: expires in 10 days\. Making a new one[\s\S]*was started\.\n/,
    );
    expect(await inDays(join(machine.directory, 'server.pem'))).toBeGreaterThan(1000);
    expect(await guest.starts()).toBe(2);
    await pause(machine);
    await succeed('start', 'dev');
    expect(await guest.starts()).toBe(2);
  });

  test('an expired certificate: env says what to do, start makes a new one', async () => {
    const { machine } = await start('dev', new Date(Date.now() - 1100 * day));
    const { exitCode, stderr } = await bench.call(['env', 'dev']);
    expect(exitCode).toBe(1);
    expect(stderr).toMatch(
      /x509: certificate has expired.*\nYou can attempt to regenerate them using 'tmachine regenerate-certs/,
    );
    await pause(machine);
    expect((await succeed('start', 'dev')).stderr).toContain('x509: certificate has expired');
    await succeed('env', 'dev');
  });

  test.each(['start', 'regenerate-certs', 'certs renew'])('a clock years off is set by %s', async (verb) => {
    const offset = 4000 * day;
    const { machine, guest } = await start('dev', new Date(Date.now() + offset), offset / 1000);
    const { exitCode, stderr } = await bench.call(['env', 'dev']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("tmachine certs renew dev sets that of the machine by this computer's");
    if (verb === 'start') await pause(machine);
    const words = { start: ['start'], 'regenerate-certs': ['regenerate-certs', '-f'] }[verb] ?? ['certs', 'renew'];
    const said = (await succeed(...words, 'dev')).stderr;
    expect(said).toContain('The clock of the machine was 4000 days ahead of that of this computer: it is set right');
    expect(Math.abs(await guest.clockOffset())).toBeLessThan(5);
    await succeed('env', 'dev');
  });

  test('regenerate-certs --client-certs makes a new client, renews an old authority, and leaves others working', async () => {
    await rm(certs(''), { recursive: true });
    await bench.authority(new Date(Date.now() - 1060 * day));
    const [dev, other] = [await start('dev'), await start('other')];
    const before = { client: await readFile(certs('cert.pem'), 'utf8'), ca: await certificate(certs('ca.pem')) };
    await succeed('regenerate-certs', '-f', '--client-certs', 'dev');
    expect(await readFile(certs('cert.pem'), 'utf8')).not.toBe(before.client);
    const ca = await certificate(certs('ca.pem'));
    expect(ca.fingerprint256).not.toBe(before.ca.fingerprint256);
    expect(ca.publicKey.equals(before.ca.publicKey)).toBe(true);
    expect(await inDays(certs('ca.pem'))).toBeGreaterThan(1000);
    for (const { machine } of [dev, other])
      expect(await readFile(join(machine.directory, 'cert.pem'), 'utf8')).toBe(
        await readFile(certs('cert.pem'), 'utf8'),
      );
    expect(await other.guest.starts()).toBe(1);
    await succeed('env', 'other');
    // Its engine still has the old certificate of the authority, which is about to expire.
    expect((await status('other')).of('other').problems.map(({ code }) => code)).toEqual(['engine-authorities']);
    await succeed('certs', 'renew', 'other');
    expect((await status()).exitCode).toBe(0);
  });

  test('an authority that was replaced behind our back: the machine works on, and certs renew moves it', async () => {
    const { machine, guest } = await start('dev');
    await rm(certs(''), { recursive: true });
    await bench.authority();
    await succeed('env', 'dev');
    expect((await status()).of('dev').problems.map(({ code }) => code)).toEqual([
      'other-authority',
      'engine-authorities',
    ]);
    await succeed('certs', 'renew', 'dev');
    expect(await readFile(guest.file('ca.pem'), 'utf8')).toBe(await readFile(certs('ca.pem'), 'utf8'));
    expect(await readFile(join(machine.directory, 'cert.pem'), 'utf8')).toBe(await readFile(certs('cert.pem'), 'utf8'));
    await succeed('env', 'dev');
    expect((await status()).exitCode).toBe(0);
  });

  test('env mends copies that are old, damaged, or of another client', async () => {
    const { machine } = await start('dev');
    for (const [file, content] of [
      ['cert.pem', (await makeCertificate({ usage: 'client' })).cert],
      ['ca.pem', 'cut off'],
      ['key.pem', ''],
    ] as const) {
      await writeFile(join(machine.directory, file), content);
      await succeed('env', 'dev');
      expect(await readFile(join(machine.directory, file), 'utf8')).toBe(await readFile(certs(file), 'utf8'));
    }
    expect((await stat(join(machine.directory, 'key.pem'))).mode & 0o777).toBe(0o600);
  });

  test('start closes keys that others can read, and says so', async () => {
    const { machine } = await start('dev');
    await chmod(certs('key.pem'), 0o644);
    await chmod(join(machine.directory, 'server-key.pem'), 0o666);
    await pause(machine);
    const { stderr } = await succeed('start', 'dev');
    expect(stderr).toContain(
      `Others could use the private key ${certs('key.pem')} (mode 0644); it is closed to them now`,
    );
    expect((await stat(join(machine.directory, 'server-key.pem'))).mode & 0o777).toBe(0o600);
    expect((await stat(certs('key.pem'))).mode & 0o777).toBe(0o600);
  });

  test('certs rotate-ca moves running machines, then drops the old authority', { timeout: 120_000 }, async () => {
    const [dev, other] = [await start('dev'), await start('other')];
    await keepOld();
    const { stdout } = await succeed('certs', 'rotate-ca');
    expect(stdout).toMatch(/^MACHINE +STATE +NEXT\ndev +moved +\nother +moved +\nThe old authority is dropped\.\n$/);
    expect(await bench.openssl('verify', '-CAfile', certs('ca.pem'), certs('cert.pem'))).toContain('OK');
    expect((await readFile(certs('ca.pem'), 'utf8')).match(/BEGIN/g)).toHaveLength(1);
    const was = (await certificate(old('ca.pem'))).publicKey;
    expect((await certificate(certs('ca.pem'))).publicKey.equals(was)).toBe(false);
    for (const { machine, guest } of [dev, other]) {
      await succeed('env', machine.name);
      expect(await readFile(guest.file('ca.pem'), 'utf8')).toBe(await readFile(certs('ca.pem'), 'utf8'));
      expect(await guest.starts()).toBe(3);
    }
    expect((await status()).exitCode).toBe(0);
    expect(await letIn(dev, old('cert.pem'), old('key.pem'))).toBe(false);
    expect(await letIn(dev, certs('cert.pem'), certs('key.pem'))).toBe(true);
  });

  test('certs rotate-ca waits for a machine that is off, whose files stay good', { timeout: 120_000 }, async () => {
    const dev = await start('dev');
    const off = await bench.start('off');
    await bench.issue('off', off.address, new Date());
    await keepOld();
    await bench.call(['kill', 'off']);
    const { stdout } = await succeed('certs', 'rotate-ca');
    expect(stdout).toMatch(/^off +off +moves when it is started: tmachine start off$/m);
    expect(stdout).toContain('The old authority stays trusted until off has moved');
    await succeed('env', 'dev');
    // Both are trusted by the engine that has moved, and the new one signs: ca-key.pem belongs to the first certificate.
    for (const pair of [certs, old]) expect(await letIn(dev, pair('cert.pem'), pair('key.pem'))).toBe(true);
    expect((await readFile(certs('ca.pem'), 'utf8')).match(/BEGIN/g)).toHaveLength(2);
    expect(await bench.openssl('x509', '-in', certs('ca.pem'), '-noout', '-pubkey')).toBe(
      await bench.openssl('pkey', '-in', certs('ca-key.pem'), '-pubout'),
    );
    // The engine of the other one only knows the old client.
    expect(await readFile(join(off.directory, 'cert.pem'), 'utf8')).toBe(await readFile(old('cert.pem'), 'utf8'));
    const verify = await bench.openssl(
      'verify',
      '-CAfile',
      join(off.directory, 'ca.pem'),
      join(off.directory, 'server.pem'),
    );
    expect(verify).toContain('OK');
    const waiting = await status();
    expect([waiting.exitCode, waiting.of('off').problems.map(({ code }) => code)]).toEqual([1, ['engine-authorities']]);
    expect(waiting.of('old authority').subject).toBe('tester');
    expect((await succeed('certs', 'rotate-ca', '--finish')).stdout).toContain('The old authority is dropped.');
    expect(await letIn(dev, old('cert.pem'), old('key.pem'))).toBe(false);
    expect(await readFile(join(off.directory, 'ca.pem'), 'utf8')).toContain(
      (await readFile(old('ca.pem'), 'utf8')).trim(),
    );
  });

  test('the start of the last machine ends a rotation', { timeout: 120_000 }, async () => {
    const [dev, last] = [await start('dev'), await start('last')];
    await pause(last.machine);
    expect((await succeed('certs', 'rotate-ca')).stdout).toMatch(/^last +off /m);
    expect((await succeed('start', 'last')).stderr).toMatch(
      /signed by the authority that is being replaced\. Making a new one[\s\S]*Every machine has moved to the new certificate authority/,
    );
    expect((await readFile(certs('ca.pem'), 'utf8')).match(/BEGIN/g)).toHaveLength(1);
    for (const { machine } of [dev, last]) {
      await succeed('env', machine.name);
      expect(await readFile(join(machine.directory, 'ca.pem'), 'utf8')).toBe(await readFile(certs('ca.pem'), 'utf8'));
    }
    const codes = (await status()).of('dev').problems.map(({ code }) => code);
    expect(codes).toEqual(['engine-authorities']);
    await succeed('certs', 'renew', '--all');
    expect((await status()).exitCode).toBe(0);
  });

  test('a machine that was made with an authority of its own keeps it', async () => {
    const { machine, guest } = await start('dev', new Date(Date.now() - 1070 * day));
    await keepOld();
    await copyFile(certs('ca-key.pem'), old('ca-key.pem'));
    const config = JSON.parse(await readFile(join(machine.directory, 'config.json'), 'utf8'));
    Object.assign(config.HostOptions.AuthOptions, {
      CaCertPath: old('ca.pem'),
      CaPrivateKeyPath: old('ca-key.pem'),
      ClientCertPath: old('cert.pem'),
      ClientKeyPath: old('key.pem'),
    });
    await writeFile(join(machine.directory, 'config.json'), JSON.stringify(config));
    await succeed('certs', 'rotate-ca');
    await succeed('certs', 'renew', 'dev');
    expect(await readFile(guest.file('ca.pem'), 'utf8')).toBe(await readFile(old('ca.pem'), 'utf8'));
    expect(await readFile(join(machine.directory, 'cert.pem'), 'utf8')).toBe(await readFile(old('cert.pem'), 'utf8'));
    expect(await inDays(join(machine.directory, 'server.pem'))).toBeGreaterThan(1000);
    await succeed('env', 'dev');
    expect((await status()).exitCode).toBe(0);
  });

  describeWith(['docker'], 'and the Docker CLI', () => {
    test('which trusts old and new authority, as engines do', { timeout: 120_000 }, async () => {
      const dev = await start('dev');
      await bench.store('off', '10.0.0.9');
      await keepOld();
      const ask = async (folder: string, file: (name: string) => string) => {
        const tls = [
          '--tlsverify',
          `--tlscacert=${join(folder, 'ca.pem')}`,
          `--tlscert=${file('cert.pem')}`,
          `--tlskey=${file('key.pem')}`,
        ];
        const engine = ['-H', `tcp://${dev.machine.address}:${dev.guest.port}`];
        const { stdout, stderr } = await bench.run('docker', [
          ...tls,
          ...engine,
          'version',
          '-f',
          '{{.Server.Version}}',
        ]);
        return stdout + stderr;
      };
      expect(await ask(old(''), old)).toBe('26.1.5\n');
      expect((await succeed('certs', 'rotate-ca')).stdout).toMatch(/^off +unreachable +Driver "nosuch" not found/m);
      const { directory } = dev.machine;
      expect(await ask(directory, old)).toBe('26.1.5\n');
      expect(await ask(directory, (name) => join(directory, name))).toBe('26.1.5\n');
      await succeed('certs', 'rotate-ca', '--finish');
      expect(await ask(directory, (name) => join(directory, name))).toBe('26.1.5\n');
      expect(await ask(directory, old)).not.toContain('26.1.5');
    });
  });

  test('certs rotate-ca, killed at any moment and run again, finishes, and certificates fit all the time', {
    timeout: 300_000,
  }, async () => {
    const dev = await start('dev');
    const before = (await certificate(certs('ca.pem'))).publicKey;
    let kills = 0;
    for (let lines = 0; ; lines += 1) {
      const ended = await bench.call(['--log-format', 'json', 'certs', 'rotate-ca'], {
        onStart: (child) => void killAfter(lines, child),
      });
      if (ended.exitCode === 0) break;
      kills += 1;
      // An engine whose restart was cut in two is down, but no certificate ever fails to fit.
      const { exitCode, stderr } = await bench.call(['env', 'dev']);
      if (exitCode !== 0) expect(stderr).toMatch(/Cannot reach the Docker Engine .*connection refused/);
    }
    expect(kills).toBeGreaterThan(2);
    expect((await certificate(certs('ca.pem'))).publicKey.equals(before)).toBe(false);
    expect((await readFile(certs('ca.pem'), 'utf8')).match(/BEGIN/g)).toHaveLength(1);
    expect(await readFile(dev.guest.file('ca.pem'), 'utf8')).toBe(await readFile(certs('ca.pem'), 'utf8'));
    expect((await status()).exitCode).toBe(0);
  });

  /** Kills a program just after so many lines on standard error; with none, after a quarter of a second. */
  async function killAfter(lines: number, child: ChildProcessWithoutNullStreams): Promise<void> {
    if (lines === 0) await sleep(250);
    let seen = 0;
    if (lines > 0) for await (const _ of createInterface(child.stderr)) if (++seen === lines) break;
    if (seen === lines) child.kill('SIGKILL');
  }

  const old = (name: string): string => join(bench.temp.path, 'old', name);

  async function keepOld(): Promise<void> {
    await mkdir(old(''));
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) await copyFile(certs(name), old(name));
  }

  /** Whether an engine answers a client, whatever certificate of its own it shows. */
  async function letIn(
    { machine, guest }: Awaited<ReturnType<typeof start>>,
    cert: string,
    key: string,
  ): Promise<boolean> {
    const words = ['-sk', '--cert', cert, '--key', key, `https://${machine.address}:${guest.port}/_ping`];
    return (await bench.run('curl', words)).stdout === 'OK';
  }

  /** Stops the processor, so that `start` has something to start while the ports stay as they are. */
  async function pause(machine: TinyMachine): Promise<void> {
    const socket = createConnection(join(machine.directory, 'qmp.sock'));
    const lines = createInterface({ input: socket })[Symbol.asyncIterator]();
    await lines.next();
    for (const execute of ['qmp_capabilities', 'stop']) {
      socket.write(`${JSON.stringify({ execute })}\n`);
      await lines.next();
    }
    socket.destroy();
    expect((await bench.call(['status', machine.name])).stdout).toBe('Paused\n');
  }
});
