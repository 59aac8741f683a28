import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadOrCreateAuthority } from '../../../src/certs/authority.ts';
import { authorityPaths } from '../../../src/certs/authority-paths.ts';
import { issueServerCertificate, keepMachineCertificates } from '../../../src/certs/machine-certs.ts';
import type { RealStore } from '../../support/real-store.ts';

const day = 24 * 3600 * 1000;

/** Certificates over time, with the engine's own opinion of them. */
export function certificateCases(store: () => RealStore): void {
  const succeed = async (...words: readonly string[]) => {
    const result = await store().tmachine(words);
    expect(result.exitCode, result.stderr + result.stdout).toBe(0);
    return result;
  };

  test('a guest whose clock is years ahead refuses us; env tells that from expiry, and certs renew sets the clock', async () => {
    await store().inGuest('myhost', 'sudo date -u -s 2044-01-01\\ 00:00:00 && sudo hwclock -w -u');
    const { exitCode, stderr } = await store().tmachine(['env', 'myhost']);
    expect(exitCode).toBe(1);
    expect(stderr).toContain('remote error: tls: expired certificate');
    expect(stderr).toContain("tmachine certs renew myhost sets that of the machine by this computer's");
    const renewed = await succeed('certs', 'renew', 'myhost');
    expect(renewed.stderr).toMatch(
      /The clock of the machine was \d{4} days ahead of that of this computer: it is set right/,
    );
    await succeed('env', 'myhost');
    // Our guest follows its hardware clock every 20 seconds.
    expect(await store().inGuest('myhost', 'cat /sys/class/rtc/rtc0/since_epoch')).toSatisfy(
      (seconds: string) => Math.abs(Number(seconds) - Date.now() / 1000) < 60,
    );
  });

  test('restart renews a certificate with ten days left before it reports success', async () => {
    await giveCertificate(new Date(Date.now() - 1069.5 * day));
    expect(await store().ask('ls', '-f', '{{.CertificateDaysLeft}}')).toBe('10\n');
    const { stderr } = await succeed('restart', 'myhost');
    expect(stderr).toMatch(
      /The certificate of the engine: expires in 10 days\. Making a new one[\s\S]*was restarted\.\n/,
    );
    expect(await store().ask('inspect', '-f', '{{.Certificates.Server.DaysLeft}}', 'myhost')).toBe('1079\n');
    expect(await shownByEngine()).toBe(await fingerprint(store().file('myhost', 'server.pem')));
    await succeed('certs', 'status');
  });

  test('rotate-ca replaces the authority: the old client is refused, the new one is let in', async () => {
    const old = join(store().path, 'old-client');
    const certs = join(store().path, 'certs');
    await mkdir(old);
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) await copyFile(join(certs, name), join(old, name));
    expect(await asks(old)).toBe('OK');
    const { stdout } = await succeed('certs', 'rotate-ca');
    expect(stdout).toContain('The old authority is dropped.');
    expect(await readFile(store().file('myhost', 'ca.pem'), 'utf8')).not.toBe(
      await readFile(join(old, 'ca.pem'), 'utf8'),
    );
    expect(await asks(certs)).toBe('OK');
    expect(await asks(old)).toBe('');
    await copyFile(join(certs, 'ca.pem'), join(old, 'ca.pem'));
    expect(await asks(old)).toBe('');
    await succeed('env', 'myhost');
    await succeed('certs', 'status');
  });

  /** Has the engine use a certificate made at `now`, from its next start on. */
  async function giveCertificate(now: Date): Promise<void> {
    const options = { user: 'me', now: new Date(), signal: AbortSignal.timeout(60_000), platform: process.platform };
    const authority = await loadOrCreateAuthority(authorityPaths(join(store().path, 'certs')), options);
    const { IPAddress } = (await store().config('myhost')).Driver;
    const request = { user: 'me', machine: 'myhost', addresses: [IPAddress], extraNames: [], now };
    const server = await issueServerCertificate(authority.ca, request);
    await keepMachineCertificates(store().file('myhost', ''), authority, server);
    const write = (name: string, pem: string): string =>
      `sudo tee /var/lib/boot2docker/${name} >/dev/null <<'END'\n${pem}END\n`;
    await store().inGuest('myhost', write('server.pem', server.certPem) + write('server-key.pem', server.keyPem));
  }

  async function asks(folder: string): Promise<string> {
    const { IPAddress } = (await store().config('myhost')).Driver;
    const file = (name: string): string => join(folder, name);
    const words = ['-sS', '--cacert', file('ca.pem'), '--cert', file('cert.pem'), '--key', file('key.pem')];
    return (await store().run('curl', [...words, `https://${IPAddress}:2376/_ping`])).stdout;
  }

  async function shownByEngine(): Promise<string> {
    const { IPAddress } = (await store().config('myhost')).Driver;
    const shell = `openssl s_client -connect ${IPAddress}:2376 </dev/null 2>/dev/null | openssl x509 -noout -fingerprint -sha256`;
    return (await store().run('bash', ['-c', shell])).stdout;
  }

  async function fingerprint(path: string): Promise<string> {
    return (await store().run('openssl', ['x509', '-noout', '-fingerprint', '-sha256', '-in', path])).stdout;
  }
}
