import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AuthorityOptions, loadOrCreateAuthority, renewAuthority } from '../../../src/certs/authority.ts';
import { authorityPaths } from '../../../src/certs/authority-paths.ts';
import { readMachineTexts, staleCopies } from '../../../src/certs/copies.ts';
import { issueServerCertificate, keepMachineCertificates } from '../../../src/certs/machine-certs.ts';
import {
  beginRotation,
  dropOldAuthority,
  endRotation,
  readRotation,
  rotateClient,
} from '../../../src/certs/rotation.ts';
import { lendAuthority } from '../../support/lent-authority.ts';

let folder: string;
let machine: string;
const options: AuthorityOptions = {
  user: 'me',
  now: new Date(),
  signal: new AbortController().signal,
  platform: process.platform,
};

beforeEach(async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tmachine-rotation-'));
  [folder, machine] = [join(parent, 'certs'), join(parent, 'machine')];
  await lendAuthority(folder, 'me');
  await mkdir(machine);
});
afterEach(async () => {
  await rm(join(folder, '..'), { recursive: true });
});

const read = async (name: string): Promise<string> => await readFile(join(folder, name), 'utf8');
const begin = async () => await beginRotation(authorityPaths(folder), options);
const load = async () => await loadOrCreateAuthority(authorityPaths(folder), options);

function openssl(...args: readonly string[]): string {
  return execFileSync('openssl', args, { cwd: folder, encoding: 'utf8', stdio: 'pipe' });
}

/** What docker-machine asks of the files: Go reads the first certificate as the key's, and trusts all of them. */
async function expectUsable(): Promise<void> {
  expect(openssl('x509', '-in', 'ca.pem', '-noout', '-pubkey')).toBe(openssl('pkey', '-in', 'ca-key.pem', '-pubout'));
  expect(openssl('x509', '-in', 'cert.pem', '-noout', '-pubkey')).toBe(openssl('pkey', '-in', 'key.pem', '-pubout'));
  expect(openssl('verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', 'ca.pem', 'cert.pem')).toContain('OK');
}

describe('a rotation', () => {
  it('goes from one authority over both to the other, and the files are usable all the time', async () => {
    const before = await read('ca.pem');
    const client = await read('cert.pem');
    expect((await begin()).phase).toBe('machines');
    expect(await read('ca.pem')).toMatch(/^-----BEGIN[\s\S]*-----BEGIN/);
    expect((await read('ca.pem')).endsWith(before)).toBe(true);
    expect(await read('cert.pem')).toBe(client);
    await expectUsable();
    expect((await load()).client.certPem).toBe(client);

    const between = await rotateClient(authorityPaths(folder), options);
    expect(between.client.certPem).not.toBe(client);
    expect(await rotateClient(authorityPaths(folder), options)).toEqual(between);
    expect((await readRotation(folder))?.phase).toBe('client');
    await expectUsable();

    await dropOldAuthority(authorityPaths(folder), options);
    await dropOldAuthority(authorityPaths(folder), options);
    expect((await read('ca.pem')).match(/BEGIN/g)).toHaveLength(1);
    await expectUsable();
    await writeFile(join(folder, 'old.pem'), client);
    expect(() => openssl('verify', '-CAfile', 'ca.pem', 'old.pem')).toThrow();
    await endRotation(folder);
    expect(await readRotation(folder)).toBeUndefined();
  });

  it('gives the new authority a name of its own, so that a chain is found without key identifiers', async () => {
    await begin();
    const [next, old] = (await read('ca.pem')).split(/(?=-----BEGIN)/).map((pem) => new X509Certificate(pem));
    expect(next?.subject).not.toBe(old?.subject);
  });

  it('begun twice is one rotation', async () => {
    await begin();
    const after = await read('ca.pem');
    await Promise.all([begin(), begin()]);
    expect(await read('ca.pem')).toBe(after);
  });

  it('renews in its middle the authority that signs, and keeps the other', async () => {
    await begin();
    const [, old = ''] = (await read('ca.pem')).split(/(?=-----BEGIN)/);
    await renewAuthority(authorityPaths(folder), { ca: 'always', client: 'due' }, options);
    expect((await read('ca.pem')).endsWith(old)).toBe(true);
    await rotateClient(authorityPaths(folder), options);
    await dropOldAuthority(authorityPaths(folder), options);
    await expectUsable();
  });

  it('begins anew where somebody has brought the old authority back', async () => {
    const files = await Promise.all(['ca.pem', 'ca-key.pem'].map(async (name) => [name, await read(name)] as const));
    await begin();
    for (const [name, text] of files) await writeFile(join(folder, name), text);
    await expect(dropOldAuthority(authorityPaths(folder), options)).rejects.toMatchObject({
      code: 'ROTATION_UNREADABLE',
    });
    await begin();
    expect((await read('ca.pem')).match(/BEGIN/g)).toHaveLength(2);
    await expectUsable();
  });

  it('refuses files that the user named, and a state that nobody can read', async () => {
    const custom = authorityPaths(folder, { caCert: join(folder, 'ca.pem'), caKey: join(folder, 'ca-key.pem') });
    await expect(beginRotation(custom, options)).rejects.toMatchObject({ code: 'CUSTOM_CERTIFICATE' });
    await writeFile(join(folder, 'rotation.json'), '{"phase": "lunch"}');
    await expect(begin()).rejects.toMatchObject({ code: 'ROTATION_UNREADABLE' });
  });
});

describe('a pair that was being replaced when its process was killed', () => {
  it.each([
    ['before the key changed', false],
    ['after the key changed', true],
  ])('%s', async (_case, keyHasChanged) => {
    const before = [await read('ca.pem'), await read('ca-key.pem')];
    await begin();
    const after = [await read('ca.pem'), await read('ca-key.pem')];
    const [cert = '', key = ''] = [before[0], (keyHasChanged ? after : before)[1]];
    await writeFile(join(folder, 'ca.pem.new'), String(after[0]));
    await writeFile(join(folder, 'ca.pem'), cert);
    await writeFile(join(folder, 'ca-key.pem'), key);
    await writeFile(
      join(folder, 'rotation.json'),
      JSON.stringify({ phase: 'authority', old: await idOf(cert), startedAt: '' }),
    );
    if (keyHasChanged) expect((await load()).ca.certPem).toBe(after[0]);
    await begin();
    expect((await readRotation(folder))?.phase).toBe('machines');
    expect((await readdir(folder)).filter((name) => name.endsWith('.new'))).toEqual([]);
    await expectUsable();
  });

  async function idOf(pem: string): Promise<string> {
    const { authorityId } = await import('../../../src/certs/inspect.ts');
    return authorityId(new X509Certificate(pem));
  }
});

describe('copies in a machine’s folder', () => {
  it('change only as far as its engine can follow', async () => {
    const first = await load();
    const request = { user: 'me', machine: 'box', addresses: ['127.0.0.1'], extraNames: [], now: options.now };
    await keepMachineCertificates(machine, first, await issueServerCertificate(first.ca, request));
    expect(staleCopies(first, await readMachineTexts(machine))).toEqual([]);
    await begin();
    expect(await stale()).toEqual(['ca.pem']);
    await rotateClient(authorityPaths(folder), options);
    expect(await stale()).toEqual(['ca.pem']);
    await dropOldAuthority(authorityPaths(folder), options);
    expect(await stale()).toEqual([]);
    const last = await load();
    await keepMachineCertificates(machine, last, await issueServerCertificate(last.ca, request));
    expect(await stale()).toEqual([]);
    await renewAuthority(authorityPaths(folder), { ca: 'due', client: 'always' }, options);
    expect(await stale()).toEqual(['key.pem', 'cert.pem']);
  });

  async function stale(): Promise<readonly string[]> {
    return staleCopies(await load(), await readMachineTexts(machine)).map(({ file }) => file);
  }
});
