import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { parseGoPattern } from '../../../src/machine/go-pattern.ts';

const read = (name: string) =>
  JSON.parse(readFileSync(new URL(`../../fixtures/go-regexp/${name}`, import.meta.url), 'utf8'));
const { names } = read('patterns.json') as { names: string[] };
const cases = read('cases.json') as { pattern: string; matches: string[]; error?: string }[];

test.each(cases)('$pattern matches and is refused as by Go', ({ pattern, matches, error }) => {
  if (error !== undefined) {
    expect(() => parseGoPattern(pattern)).toThrow(new SyntaxError(error));
    return;
  }
  const expression = parseGoPattern(pattern);
  expect(names.filter((name) => expression.test(name))).toEqual(matches);
});
