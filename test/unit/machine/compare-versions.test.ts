import { expect, test } from 'vitest';
import { compareVersions } from '../../../src/machine/compare-versions.ts';

test.each([
  ['26.1.5+dfsg1', '26.1.5', 0],
  ['20.10.24', '26.1.5', -1],
  ['27.0', '26.1.5', 1],
  ['v28', '28.0.0', 0],
  ['19.03.12', '19.3.9', 1],
])('compareVersions(%s, %s)', (one, other, sign) => {
  expect(Math.sign(compareVersions(one, other))).toBe(sign);
  expect(Math.sign(compareVersions(other, one))).toBe(sign === 0 ? 0 : -sign);
});
