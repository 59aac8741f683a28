import { execFileSync } from 'node:child_process';
import { createPrivateKey, generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { inspectCertificate } from '../../../src/certs/inspect.ts';
import { type CertificateRequest, issueCertificate, planValidity, type Signer } from '../../../src/certs/issue.ts';

const folder = mkdtempSync(join(tmpdir(), 'tmachine-issue-'));
afterAll(() => rmSync(folder, { recursive: true }));

const now = new Date('2026-03-01T12:00:00.500Z');
const serial = Uint8Array.from({ length: 16 }, (_, index) => index);

describe('planValidity()', () => {
  it('starts five minutes ago and lasts 1080 days', () => {
    expect(planValidity(now)).toEqual({
      notBefore: new Date('2026-03-01T11:55:00Z'),
      notAfter: new Date('2029-02-13T11:55:00Z'),
    });
  });
});

describe('issueCertificate()', () => {
  const authorityKeys = {
    rsa: generateKeyPairSync('rsa', { modulusLength: 2048 }),
    ec: generateKeyPairSync('ec', { namedCurve: 'P-256' }),
    ed25519: generateKeyPairSync('ed25519'),
  };

  it.each(Object.keys(authorityKeys) as (keyof typeof authorityKeys)[])(
    'signs with an %s authority so that openssl accepts each usage and no other',
    async (kind) => {
      const { ca, caPath } = await makeAuthority(kind);
      const server = save(`${kind}-server.pem`, await issueLeaf('server', ['10.0.0.5', 'box'], ca));
      const client = save(`${kind}-client.pem`, await issueLeaf('client', [], ca));
      expect(verify(caPath, server, ['-purpose', 'sslserver', '-x509_strict', '-verify_ip', '10.0.0.5'])).toContain(
        'OK',
      );
      expect(verify(caPath, server, ['-purpose', 'sslserver', '-verify_hostname', 'box'])).toContain('OK');
      expect(verify(caPath, client, ['-purpose', 'sslclient', '-x509_strict'])).toContain('OK');
      expect(() => verify(caPath, server, ['-purpose', 'sslclient'])).toThrow();
      expect(() => verify(caPath, client, ['-purpose', 'sslserver'])).toThrow();
      expect(() => verify(caPath, server, ['-verify_ip', '10.0.0.6'])).toThrow();
    },
  );

  it('writes what openssl reads back: subject, names, usages, dates and serial', async () => {
    const { ca } = await makeAuthority('rsa');
    const text = describeCertificate(await issueLeaf('server', ['10.0.0.5', 'fe80::1', '*.example'], ca));
    expect(text).toContain('Version: 3 (0x2)');
    expect(text).toContain('40:01:02:03:04:05:06:07:08:09:0a:0b:0c:0d:0e:0f');
    expect(text).toContain('Signature Algorithm: sha256WithRSAEncryption');
    expect(text).toContain('Issuer: O=me');
    expect(text).toContain('Subject: O=me.box');
    expect(text).toContain('IP Address:10.0.0.5, IP Address:FE80:0:0:0:0:0:0:1, DNS:*.example');
    expect(text).toContain('Not Before: Mar  1 11:55:00 2026 GMT');
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Key Encipherment\n/);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/);
    expect(text).toMatch(/Extended Key Usage: \s+TLS Web Server Authentication\n/);
  });

  it('marks an authority as one that may only sign', async () => {
    const { ca } = await makeAuthority('rsa');
    const text = describeCertificate(ca.certificatePem ?? '');
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature, Certificate Sign, CRL Sign\n/);
    expect(text).toMatch(/Basic Constraints: critical\s+CA:TRUE/);
    expect(text).not.toContain('Extended Key Usage');
  });

  it('is the same certificate for the same request', async () => {
    const { ca } = await makeAuthority('rsa');
    expect(await issueCertificate(leaf('client', []), ca)).toBe(await issueCertificate(leaf('client', []), ca));
  });

  it('renews an authority under the same name and key, so that what it signed stays good', async () => {
    const { ca } = await makeAuthority('rsa');
    const server = save('before-renewal.pem', await issueLeaf('server', ['box'], ca));
    const later = planValidity(new Date('2029-01-01T00:00:00Z'));
    const request = { ...leaf('authority', []), organization: 'somebody else', publicKey: authorityKeys.rsa.publicKey };
    const renewed = save('renewed.pem', await issueCertificate({ ...request, ...later }, ca));
    expect(inspectCertificate(readFileSync(renewed, 'utf8'), 'x').organization).toBe('me');
    expect(verify(renewed, server, ['-attime', '1862000000'])).toContain('OK');
  });

  it('is accepted for dates after 2049', async () => {
    const { ca } = await makeAuthority('rsa');
    const far = planValidity(new Date('2060-01-01T00:00:00Z'));
    const facts = inspectCertificate(await issueCertificate({ ...leaf('client', []), ...far }, ca), 'x');
    expect(facts.notAfter).toEqual(far.notAfter);
  });

  it('accepts a signer whose certificate openssl made', async () => {
    const [caPath, keyPath] = [join(folder, 'o.pem'), join(folder, 'o.key')];
    const newKey = ['-newkey', 'rsa:2048', '-nodes', '-keyout', keyPath];
    execFileSync('openssl', ['req', '-x509', ...newKey, '-subj', '/O=me/C=JP/CN=Über', '-utf8', '-out', caPath], {
      stdio: 'pipe',
    });
    const ca = { certificatePem: readFileSync(caPath, 'utf8'), privateKey: createPrivateKey(readFileSync(keyPath)) };
    const request = { ...leaf('server', ['::1']), ...planValidity(new Date()) };
    const server = save('by-openssl-ca.pem', await issueCertificate(request, ca));
    const seconds = String(Math.floor(Date.now() / 1000));
    expect(verify(caPath, server, ['-attime', seconds, '-verify_ip', '::1'])).toContain('OK');
  });

  it('refuses a name that is neither an address nor a DNS name', async () => {
    const { ca } = await makeAuthority('rsa');
    await expect(issueCertificate(leaf('server', ['no spaces']), ca)).rejects.toMatchObject({
      code: 'INVALID_CERTIFICATE_NAME',
    });
  });

  async function makeAuthority(kind: keyof typeof authorityKeys): Promise<{ ca: Signer; caPath: string }> {
    const { publicKey, privateKey } = authorityKeys[kind];
    const request = { ...leaf('authority', []), organization: 'me', publicKey };
    const certificatePem = await issueCertificate(request, { privateKey });
    return { ca: { certificatePem, privateKey }, caPath: save(`${kind}-ca.pem`, certificatePem) };
  }
});

const leafKey = generateKeyPairSync('rsa', { modulusLength: 2048 });

function leaf(usage: CertificateRequest['usage'], names: readonly string[]): CertificateRequest {
  return { usage, organization: 'me.box', names, publicKey: leafKey.publicKey, serial, ...planValidity(now) };
}

async function issueLeaf(usage: CertificateRequest['usage'], names: readonly string[], ca: Signer): Promise<string> {
  return await issueCertificate(leaf(usage, names), ca);
}

function save(name: string, pem: string): string {
  const path = join(folder, name);
  writeFileSync(path, pem);
  return path;
}

function verify(ca: string, certificate: string, more: readonly string[]): string {
  const at = more.includes('-attime') ? [] : ['-attime', String(Math.floor(now.getTime() / 1000))];
  return execFileSync('openssl', ['verify', '-CAfile', ca, ...at, ...more, certificate], {
    encoding: 'utf8',
    stdio: 'pipe',
  });
}

function describeCertificate(pem: string): string {
  return execFileSync('openssl', ['x509', '-noout', '-text', '-nameopt', 'RFC2253'], { input: pem, encoding: 'utf8' });
}
