import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RealStore } from '../../support/real-store.ts';

/** The engine talks to nobody but us. */
export function tlsCases(store: () => RealStore): void {
  const get = async (words: readonly string[]) => {
    const { IPAddress } = (await store().config('myhost')).Driver;
    const ca = store().file('myhost', 'ca.pem');
    return await store().run('curl', ['-sS', '--cacert', ca, ...words, `https://${IPAddress}:2376/version`]);
  };

  test('our certificate is let in', async () => {
    const own = ['--cert', store().file('myhost', 'cert.pem'), '--key', store().file('myhost', 'key.pem')];
    expect(JSON.parse((await get(own)).stdout)).toMatchObject({ Os: 'linux' });
  });

  test('without a certificate there is no answer', async () => {
    const { exitCode, stdout, stderr } = await get([]);
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(/certificate required|bad certificate/i);
  });

  test('openssl s_client without a certificate is refused', async () => {
    const { IPAddress } = (await store().config('myhost')).Driver;
    const call = `(printf 'GET /version HTTP/1.0\\r\\n\\r\\n'; sleep 2) | openssl s_client -ign_eof -connect ${IPAddress}:2376`;
    const { stdout, stderr } = await store().run('bash', ['-o', 'pipefail', '-c', call]);
    expect(stdout).not.toContain('ApiVersion');
    expect(stdout + stderr).toMatch(/alert (?:certificate required|bad certificate)/);
  });

  test('a certificate of another authority is refused', async () => {
    const [cert, key] = ['stranger.pem', 'stranger-key.pem'].map((name) => join(store().path, name));
    const making = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-subj', '/O=stranger', '-days', '1'];
    await store().run('openssl', [...making, '-keyout', String(key), '-out', String(cert)]);
    const { exitCode, stdout } = await get(['--cert', String(cert), '--key', String(key)]);
    expect(exitCode).not.toBe(0);
    expect(stdout).toBe('');
  });
}
