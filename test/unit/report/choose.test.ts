import { expect, test } from 'vitest';
import { chooseReport } from '../../../src/report/choose.ts';

test.each([
  ['auto', true, {}, { kind: 'terminal', color: true }],
  ['auto', true, { NO_COLOR: '1' }, { kind: 'terminal', color: false }],
  ['auto', true, { NO_COLOR: '' }, { kind: 'terminal', color: true }],
  ['auto', true, { TERM: 'dumb' }, { kind: 'plain', color: false }],
  ['auto', true, { CI: 'true' }, { kind: 'plain', color: false }],
  ['auto', true, { CI: 'false' }, { kind: 'terminal', color: true }],
  ['auto', false, {}, { kind: 'plain', color: false }],
  ['plain', true, {}, { kind: 'plain', color: true }],
  ['json', true, {}, { kind: 'json', color: false }],
  ['terminal', false, {}, { kind: 'terminal', color: true }],
] as const)('chooseReport() for %s, terminal %j, %j', (logFormat, isTTY, env, expected) => {
  expect(chooseReport({ logFormat, isTTY, env })).toEqual(expected);
});
