import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { cutToWidth, widthOf } from '../../../src/report/text-width.ts';
import { describeWith } from '../../support/requires.ts';

const exact = [
  'plain text',
  'größe naïve Ñandú',
  'cafe\u0301 e\u0323\u0302',
  'Ελλάδα Россия',
  '太郎 花子',
  'ひらがなカタカナ',
  '한국어',
  'ＦＵＬＬ！',
  '\u200bzero\u200dwidth',
  'שלום',
  '',
] as const;

describeWith(['zsh'], 'widthOf()', () => {
  /** zsh counts columns by wcwidth(3), as terminals do. */
  const askZsh = (text: string) => {
    const env = { LC_ALL: 'C.UTF-8', TEXT: text };
    // biome-ignore lint/suspicious/noTemplateCurlyInString: zsh reads it, not we
    const script = 'print -r -- ${(m)#TEXT}';
    return Number(execFileSync('zsh', ['-f', '-c', script], { env: { ...process.env, ...env } }));
  };

  test.each(exact)('of %j is what zsh counts', (text) => {
    expect(widthOf(text)).toBe(askZsh(text));
  });

  test.each(['…“quotes”—', '→ ✓ ✗ █', 'ไทย', 'हिन्दी'])('of %j is at least what zsh counts', (text) => {
    expect(widthOf(text)).toBeGreaterThanOrEqual(askZsh(text));
  });
});

test.each([
  ['👨‍👩‍👧', 2],
  ['🇩🇪', 2],
  ['👍🏽', 2],
  ['❤️', 2],
  ['😀😀', 4],
])('widthOf(%j)', (text, width) => {
  expect(widthOf(text)).toBe(width);
});

describe('cutToWidth()', () => {
  test.each([
    ['plain', 3, 'pla'],
    ['plain', 0, ''],
    ['plain', 99, 'plain'],
    ['太郎です', 5, '太郎'],
    ['太郎です', 1, ''],
    ['cafe\u0301!', 4, 'cafe\u0301'],
    ['a👨‍👩‍👧b', 2, 'a'],
    ['a👨‍👩‍👧b', 3, 'a👨‍👩‍👧'],
    ['a\nb\u001b[2Jc', 80, 'a b [2Jc'],
  ])('(%j, %j)', (text, columns, cut) => {
    expect(cutToWidth(text, columns)).toBe(cut);
  });

  test('never exceeds the columns, whatever there is', () => {
    const text = `${exact.join('')}👨‍👩‍👧🇩🇪`;
    for (let columns = 0; columns < 100; columns += 1)
      expect(widthOf(cutToWidth(text, columns))).toBeLessThanOrEqual(columns);
  });
});
