import { describe, expect, test } from 'vitest';
import { formatRelation, meetsBound, parseRelations } from '../../../../src/image/debian/relation.ts';

describe('parseRelations()', () => {
  test('reads alternatives, bounds and architecture qualifiers', () => {
    expect(parseRelations('libc6 (>= 2.41), default-logind | logind:any(<< 3), perl:any')).toEqual([
      [{ name: 'libc6', bound: { operator: '>=', version: '2.41' } }],
      [{ name: 'default-logind' }, { name: 'logind', bound: { operator: '<<', version: '3' } }],
      [{ name: 'perl' }],
    ]);
  });

  test('reads an empty field and a trailing comma as nothing', () => {
    expect(parseRelations(' ')).toEqual([]);
    expect(parseRelations('a,')).toHaveLength(1);
  });

  test('refuses what is not a relation', () => {
    expect(() => parseRelations('libc6 (2.41)')).toThrow(SyntaxError);
  });

  test('survives a round trip through formatRelation()', () => {
    const text = 'a (>= 1:2~rc1) | b';
    expect(parseRelations(text).map(formatRelation)).toEqual([text]);
  });
});

test.each([
  ['1', '<<', '2', true],
  ['2', '<<', '2', false],
  ['2', '<=', '2', true],
  ['2.0', '=', '2.00', true],
  ['2~a', '>=', '2', false],
  ['2+a', '>>', '2', true],
] as const)('meetsBound() says %s %s %s is %s', (version, operator, wanted, met) => {
  expect(meetsBound(version, { operator, version: wanted })).toBe(met);
});
