import { expect, test } from 'vitest';
import { nearestWord } from '../../../src/cli/suggest.ts';

const words = ['ls', 'create', 'restart', 'start', 'status', 'regenerate-certs'];

test.each([
  ['lss', 'ls'],
  ['crate', 'create'],
  ['raestart', 'restart'],
  ['regenerate-cert', 'regenerate-certs'],
  ['STATUS', 'status'],
  ['frobnicate', undefined],
  ['x', undefined],
])('nearestWord(%j) is %j', (word, expected) => {
  expect(nearestWord(word, words)).toBe(expected);
});
