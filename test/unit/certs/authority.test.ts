import { execFileSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuthorityOptions, loadOrCreateAuthority, renewAuthority } from '../../../src/certs/authority.ts';
import { authorityPaths } from '../../../src/certs/authority-paths.ts';
import { refreshCopies } from '../../../src/certs/copies.ts';
import { inspectCertificate } from '../../../src/certs/inspect.ts';
import { writeMachineCertificates } from '../../../src/certs/machine-certs.ts';

let folder: string;
const options: AuthorityOptions = {
  user: 'me',
  now: new Date(),
  signal: new AbortController().signal,
  platform: process.platform,
};

beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'tmachine-certs-')), 'certs');
});
afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true });
});

describe('loadOrCreateAuthority()', () => {
  it('makes an authority and a client pair that openssl verifies, with private modes', async () => {
    await loadOrCreateAuthority(authorityPaths(folder), options);
    expect((await readdir(folder)).sort()).toEqual(['ca-key.pem', 'ca.pem', 'cert.pem', 'key.pem']);
    expect(await modes(folder, ['.', 'ca-key.pem', 'key.pem', 'ca.pem', 'cert.pem'])).toEqual([
      0o700, 0o600, 0o600, 0o644, 0o644,
    ]);
    expect(openssl('verify', '-CAfile', 'ca.pem', '-purpose', 'sslclient', '-x509_strict', 'cert.pem')).toContain('OK');
    expect(openssl('x509', '-in', 'cert.pem', '-noout', '-subject', '-nameopt', 'utf8')).toMatch(
      /=\s*"?me\.<bootstrap>"?\n/,
    );
    expect(await read('key.pem')).toContain('BEGIN RSA PRIVATE KEY');
  });

  it('makes one authority when many ask at once', async () => {
    const paths = authorityPaths(folder);
    const all = await Promise.all(Array.from({ length: 6 }, () => loadOrCreateAuthority(paths, options)));
    expect(new Set(all.map((one) => one.ca.certPem + one.client.certPem)).size).toBe(1);
    expect(openssl('verify', '-CAfile', 'ca.pem', 'cert.pem')).toContain('OK');
  });

  it.each(['rsa -traditional', 'rsa', 'ec'])('uses an existing %s authority as it is', async (kind) => {
    await loadOrCreateAuthority(authorityPaths(folder), options);
    makeOpensslAuthority(kind);
    await rm(join(folder, 'cert.pem'));
    await rm(join(folder, 'key.pem'));
    const before = [await read('ca.pem'), await read('ca-key.pem')];
    await loadOrCreateAuthority(authorityPaths(folder), options);
    expect([await read('ca.pem'), await read('ca-key.pem')]).toEqual(before);
    expect(openssl('verify', '-CAfile', 'ca.pem', '-purpose', 'sslclient', 'cert.pem')).toContain('OK');
  });

  it('finishes what a killed create left: a key without its certificate', async () => {
    await loadOrCreateAuthority(authorityPaths(folder), options);
    const key = await read('ca-key.pem');
    for (const name of ['ca.pem', 'cert.pem', 'key.pem']) await rm(join(folder, name));
    await loadOrCreateAuthority(authorityPaths(folder), options);
    expect(await read('ca-key.pem')).toBe(key);
    expect(openssl('verify', '-CAfile', 'ca.pem', 'cert.pem')).toContain('OK');
  });

  it('refuses a certificate whose key is gone', async () => {
    await loadOrCreateAuthority(authorityPaths(folder), options);
    await rm(join(folder, 'ca-key.pem'));
    await rm(join(folder, 'key.pem'));
    await expect(loadOrCreateAuthority(authorityPaths(folder), options)).rejects.toMatchObject({
      code: 'CERTIFICATE_PAIR_INCOMPLETE',
      message: `Cannot use "${join(folder, 'ca.pem')}": "${join(folder, 'ca-key.pem')}", which belongs to it, does not exist`,
    });
  });

  it('refuses a client certificate of another authority', async () => {
    await loadOrCreateAuthority(authorityPaths(folder), options);
    makeOpensslAuthority('rsa');
    await expect(loadOrCreateAuthority(authorityPaths(folder), options)).rejects.toMatchObject({
      code: 'CERTIFICATE_MISMATCH',
      message: `Cannot use the certificate "${join(folder, 'cert.pem')}": it was not signed by "${join(folder, 'ca.pem')}"`,
    });
  });

  it('refuses a client key that is not the certificate’s', async () => {
    await loadOrCreateAuthority(authorityPaths(folder), options);
    await writeFile(join(folder, 'key.pem'), await read('ca-key.pem'));
    await expect(loadOrCreateAuthority(authorityPaths(folder), options)).rejects.toMatchObject({
      code: 'CERTIFICATE_MISMATCH',
    });
  });

  it('uses the files the user names and leaves them alone', async () => {
    const other = join(folder, '..', 'other');
    await loadOrCreateAuthority(authorityPaths(other), options);
    const custom = { caCert: join(other, 'ca.pem'), caKey: join(other, 'ca-key.pem') };
    const authority = await loadOrCreateAuthority(authorityPaths(folder, custom), options);
    expect(authority.ca.certPem).toBe(await readFile(join(other, 'ca.pem'), 'utf8'));
    expect((await readdir(folder)).sort()).toEqual(['cert.pem', 'key.pem']);
    await rm(custom.caCert);
    await expect(loadOrCreateAuthority(authorityPaths(folder, custom), options)).rejects.toMatchObject({
      code: 'CERTIFICATE_PAIR_INCOMPLETE',
    });
  });

  it('names the file that holds no key', async () => {
    await loadOrCreateAuthority(authorityPaths(folder), options);
    await writeFile(join(folder, 'key.pem'), 'nonsense');
    await expect(loadOrCreateAuthority(authorityPaths(folder), options)).rejects.toMatchObject({
      code: 'KEY_UNREADABLE',
      message: expect.stringContaining(join(folder, 'key.pem')) as unknown,
    });
  });
});

describe('renewAuthority()', () => {
  it('makes a new client pair under the same authority', async () => {
    const before = await loadOrCreateAuthority(authorityPaths(folder), options);
    const after = await renewed();
    expect(after.ca).toEqual(before.ca);
    expect(after.client.keyPem).not.toBe(before.client.keyPem);
    expect(await loadOrCreateAuthority(authorityPaths(folder), options)).toEqual(after);
  });

  it('renews an authority about to expire without breaking the machines it signed for', async () => {
    const old = { ...options, now: new Date(Date.now() - 1075 * 86_400_000) };
    const before = await loadOrCreateAuthority(authorityPaths(folder), old);
    await writeMachineCertificates(folder, before, machine);
    const after = await renewed();
    expect(after.ca.keyPem).toBe(before.ca.keyPem);
    expect(inspectCertificate(after.ca.certPem, 'ca').notAfter.getTime()).toBeGreaterThan(
      Date.now() + 1000 * 86_400_000,
    );
    expect(openssl('verify', '-CAfile', 'ca.pem', 'server.pem', 'cert.pem')).toBe('server.pem: OK\ncert.pem: OK\n');
  });
});

/** The authority with a new client pair. */
async function renewed() {
  return (await renewAuthority(authorityPaths(folder), { ca: 'due', client: 'always' }, options)).authority;
}

const machine = {
  user: 'me',
  machine: 'box',
  addresses: ['127.0.99.100'],
  extraNames: ['10.1.2.3', 'box.example'],
  now: options.now,
};

describe('writeMachineCertificates()', () => {
  it('lays the server pair beside copies of the client files', async () => {
    const authority = await loadOrCreateAuthority(authorityPaths(folder), options);
    const target = await mkdtemp(join(folder, '..', 'machine-'));
    const server = await writeMachineCertificates(target, authority, machine);
    expect(await modes(target, ['server.pem', 'server-key.pem', 'ca.pem', 'cert.pem', 'key.pem'])).toEqual([
      0o644, 0o600, 0o644, 0o644, 0o600,
    ]);
    expect(inspectCertificate(server.certPem, 'server.pem')).toMatchObject({
      organization: 'me.box',
      addresses: ['127.0.99.100', '127.0.0.1', '10.1.2.3'],
      dnsNames: ['localhost', 'box', 'box.example'],
      isAuthority: false,
    });
    const verify = ['-purpose', 'sslserver', '-x509_strict', '-verify_ip', '127.0.99.100', join(target, 'server.pem')];
    expect(openssl('verify', '-CAfile', 'ca.pem', ...verify)).toContain('OK');
  });

  it('leaves copies that refreshCopies() brings up to date after a renewal', async () => {
    const authority = await loadOrCreateAuthority(authorityPaths(folder), options);
    const target = await mkdtemp(join(folder, '..', 'machine-'));
    await writeMachineCertificates(target, authority, machine);
    const after = await renewed();
    expect((await refreshCopies(target, after)).map(({ file }) => file)).toEqual(['key.pem', 'cert.pem']);
    expect(await readFile(join(target, 'cert.pem'), 'utf8')).toBe(after.client.certPem);
    expect(await refreshCopies(target, after)).toEqual([]);
    expect(await modes(target, ['key.pem', 'cert.pem'])).toEqual([0o600, 0o644]);
  });

  it('leaves out a machine name no certificate can hold', async () => {
    const authority = await loadOrCreateAuthority(authorityPaths(folder), options);
    const server = await writeMachineCertificates(folder, authority, { ...machine, machine: 'a..b' });
    expect(inspectCertificate(server.certPem, 'server.pem').dnsNames).toEqual(['localhost', 'box.example']);
  });
});

function makeOpensslAuthority(kind: string): void {
  const algorithm = kind === 'ec' ? ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'] : ['rsa:2048'];
  openssl(
    'req',
    '-x509',
    '-newkey',
    ...algorithm,
    '-nodes',
    '-subj',
    '/O=root',
    '-keyout',
    'ca-key.pem',
    '-out',
    'ca.pem',
  );
  if (kind.endsWith('-traditional')) openssl('rsa', '-in', 'ca-key.pem', '-traditional', '-out', 'ca-key.pem');
  if (kind === 'ec') openssl('ec', '-in', 'ca-key.pem', '-out', 'ca-key.pem');
}

function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

async function read(name: string): Promise<string> {
  return await readFile(join(folder, name), 'utf8');
}

async function modes(parent: string, names: readonly string[]): Promise<readonly number[]> {
  return await Promise.all(names.map(async (name) => (await stat(join(parent, name))).mode & 0o777));
}
