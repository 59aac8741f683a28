import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { compareVersions } from '../../../../src/image/debian/version.ts';

const versions = [
  '1.0',
  '1.0-1',
  '1.0-1+b1',
  '1.0~rc1',
  '1.0~rc1-1',
  '1.0~~',
  '1.0+dfsg1-9+deb13u1',
  '1.0+dfsg1-10',
  '1:0.1',
  '0:1.0',
  '1.00',
  '1.a',
  '1.1',
  '1.10',
  '1.9',
  '1.0.1',
  '2025.07.31-1',
  '20250419',
  '1.3.dfsg+really1.3.1-1',
  '3:6.04~git20190206.bf6db5b4+dfsg1-3.1',
  '1-2-3',
  'a',
  '0',
  '1.0-0',
  '123456789012345678901234567890',
  '123456789012345678901234567891',
  '1.0-1~bpo12+1',
  '1.0-1ubuntu1',
  '1.0a',
  '1.0+',
];

describe('compareVersions()', () => {
  test('puts a release candidate before the release and an epoch before everything', () => {
    const sorted = ['1:0.1', '1.0', '1.0~rc1', '1.0-1+b1', '1.0-1'].sort(compareVersions);
    expect(sorted).toEqual(['1.0~rc1', '1.0', '1.0-1', '1.0-1+b1', '1:0.1']);
  });

  test('agrees with dpkg --compare-versions on every pair of odd versions', () => {
    const script = versions
      .flatMap((a) => versions.map((b) => `${a} ${b}`))
      .map((pair) => {
        const [a, b] = pair.split(' ');
        return `if dpkg --compare-versions '${a}' lt '${b}'; then echo -1; elif dpkg --compare-versions '${a}' eq '${b}'; then echo 0; else echo 1; fi`;
      })
      .join('\n');
    const answer = spawnSync('sh', ['-s'], { input: script, encoding: 'utf8' });
    const ours = versions.flatMap((a) => versions.map((b) => String(Math.sign(compareVersions(a, b)))));
    expect(answer.stdout.trim().split('\n')).toEqual(ours);
  }, 60_000);
});
