import { expect, test } from 'vitest';
import { parseGlob } from '../../../src/machine/copy/glob.ts';

const matches = (pattern: string, name: string): boolean => {
  const [part] = parseGlob(pattern) ?? [];
  return part !== undefined && ('name' in part ? part.name === name : part.pattern.test(name));
};

test.each([
  ['*', 'a', true],
  ['*', '.a', false],
  ['.*', '.a', true],
  ['a*c', 'ac', true],
  ['a*c', 'abbc', true],
  ['a*c', 'abcd', false],
  ['?', 'ü', true],
  ['?', '😀', true],
  ['?', '.', false],
  ['?b', 'b', false],
  ['[abc]', 'b', true],
  ['[a-c]x', 'bx', true],
  ['[!a-c]', 'd', true],
  ['[^a-c]', 'a', false],
  ['[]a]', ']', true],
  ['[!]a]', ']', false],
  ['[\\]*', '\\x', true],
  ['[a', '[a', true],
  ['[a', 'a', false],
  ['*.(x)', 'a.(x)', true],
  ['*.+', 'a.b', false],
  ['*\\*', 'a*', true],
  ['*\\*', 'ab', false],
  ['\\*', '*', true],
  ['a\\?', 'a?', true],
  ['*\n*', 'a\nb', true],
])('%s and %s: %s', (pattern, name, isMatch) => {
  expect(matches(pattern, name)).toBe(isMatch);
});

test('a path without wildcards is no pattern; one with them is cut at its slashes', () => {
  expect(parseGlob('/a/b c')).toBeUndefined();
  expect(parseGlob('/a/*/c')).toEqual([{ name: '' }, { name: 'a' }, { pattern: expect.any(RegExp) }, { name: 'c' }]);
});
