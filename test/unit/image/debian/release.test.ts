import { beforeAll, describe, expect, test } from 'vitest';
import { readArchiveKeys } from '../../../../src/image/debian/archive-keys.ts';
import { parseRelease, type ReleaseExpectation, verifyInRelease } from '../../../../src/image/debian/release.ts';
import {
  formatRelease,
  makeSigningKey,
  type ReleaseRecipe,
  type SigningKey,
  signText,
} from '../../../support/debian-repository.ts';

const now = new Date('2026-06-01T12:00:00Z');
const dayMs = 24 * 3600 * 1000;
let key: SigningKey;

beforeAll(async () => {
  key = await makeSigningKey();
});

async function inRelease(release: ReleaseRecipe = {}, by: SigningKey = key): Promise<string> {
  const date = release.date ?? now;
  return await signText(formatRelease({ ...release, date }, Buffer.from('index')), by, new Date());
}

function expectation(changes: Partial<ReleaseExpectation> = {}): ReleaseExpectation {
  return {
    url: 'http://mirror.test/InRelease',
    suite: 'trixie',
    trustedKeys: [key.publicKey],
    now: new Date(),
    checkValidUntil: true,
    ...changes,
  };
}

describe('verifyInRelease()', () => {
  test('returns what a trusted key signed, for the suite and for the code name', async () => {
    const text = await inRelease();
    const release = await verifyInRelease(text, expectation());
    expect(release.files.get('main/binary-amd64/Packages.gz')).toMatchObject({ size: 5 });
    expect(release.byHash).toBe(true);
    expect((await verifyInRelease(text, expectation({ suite: 'stable' }))).codename).toBe('trixie');
  });

  test('accepts one good signature among keys of others', async () => {
    const other = await makeSigningKey();
    const trustedKeys = [other.publicKey, key.publicKey];
    expect((await verifyInRelease(await inRelease(), expectation({ trustedKeys }))).suite).toBe('stable');
  });

  test('refuses a signature by another key, naming the file', async () => {
    const text = await inRelease({}, await makeSigningKey());
    await expect(verifyInRelease(text, expectation())).rejects.toMatchObject({
      code: 'BAD_SIGNATURE',
      message: expect.stringContaining('http://mirror.test/InRelease'),
    });
  });

  test('refuses a text changed after it was signed', async () => {
    const text = (await inRelease()).replace(' 5 main', ' 6 main');
    await expect(verifyInRelease(text, expectation())).rejects.toMatchObject({ code: 'BAD_SIGNATURE' });
  });

  test('ignores what stands around the signed part', async () => {
    const text = await inRelease();
    const forged = `SHA256:\n ${'0'.repeat(64)} 1 main/binary-amd64/Packages.xz\n`;
    for (const attempt of [`${forged}\n${text}`, `${text}\n${forged}`]) {
      const release = await verifyInRelease(attempt, expectation()).catch(() => undefined);
      expect(release?.files.has('main/binary-amd64/Packages.xz') ?? false).toBe(false);
    }
  });

  test('refuses what is not signed at all', async () => {
    for (const text of ['<html>Log in to the hotel</html>', formatRelease({}, Buffer.from(''))])
      await expect(verifyInRelease(text, expectation())).rejects.toMatchObject({ code: 'BAD_SIGNATURE' });
  });

  test('refuses another suite than asked for', async () => {
    const call = verifyInRelease(await inRelease(), expectation({ suite: 'sid' }));
    await expect(call).rejects.toMatchObject({ code: 'WRONG_SUITE', message: expect.stringContaining('"trixie"') });
  });

  test('refuses an expired file, unless told to accept it', async () => {
    const text = await inRelease({ validUntil: new Date(Date.now() - dayMs) });
    await expect(verifyInRelease(text, expectation())).rejects.toMatchObject({ code: 'RELEASE_EXPIRED' });
    const told: Date[] = [];
    const onExpired = (date: Date): void => void told.push(date);
    await verifyInRelease(text, expectation({ checkValidUntil: false, onExpired }));
    expect(told).toHaveLength(1);
  });

  test('says that the clock is wrong when the file comes from the future', async () => {
    const text = await inRelease({ date: new Date(Date.now() + 30 * dayMs) });
    await expect(verifyInRelease(text, expectation())).rejects.toMatchObject({
      code: 'CLOCK_WRONG',
      hint: expect.stringContaining('clock'),
    });
  });
});

test('parseRelease() takes SHA-256 sums only', () => {
  const release = parseRelease('Suite: sid\nMD5Sum:\n 0123 1 a\nSHA256:\n zz 1 b\n');
  expect(release.files.size).toBe(0);
  expect(release.validUntil).toBeUndefined();
});

test('readArchiveKeys() finds the keys of trixie and bookworm by their fingerprints', async () => {
  const { readKeys } = await import('openpgp');
  const keys = await Promise.all((await readArchiveKeys()).map((armoredKeys) => readKeys({ armoredKeys })));
  expect(
    keys
      .flat()
      .map((each) => each.getFingerprint().toUpperCase())
      .sort(),
  ).toEqual([
    '04B54C3CDCA79751B16BC6B5225629DF75B188BD',
    '41587F7DB8C774BCCF131416762F67A0B2C39DE4',
    '4D64FEC119C2029067D6E791F8D2585B8783D481',
    'B8B80B5B623EAB6AD8775C45B7C5D7D6350947F8',
  ]);
});
