import { expect, test } from 'vitest';
import { chooseReport } from '../../../src/report/choose.ts';

test.each([
  ['auto', true, {}, 'terminal', true],
  ['auto', true, { NO_COLOR: '1' }, 'terminal', false],
  ['auto', true, { NO_COLOR: '0' }, 'terminal', false],
  ['auto', true, { NO_COLOR: '' }, 'terminal', true],
  ['auto', true, { TERM: 'dumb' }, 'plain', false],
  ['auto', true, { CI: 'true' }, 'plain', false],
  ['auto', true, { CI: 'false' }, 'terminal', true],
  ['auto', false, {}, 'plain', false],
  ['auto', false, { CLICOLOR_FORCE: '1' }, 'plain', true],
  ['auto', false, { CLICOLOR_FORCE: '0' }, 'plain', false],
  ['auto', false, { CLICOLOR_FORCE: '1', NO_COLOR: '1' }, 'plain', false],
  ['plain', true, {}, 'plain', true],
  ['json', true, { CLICOLOR_FORCE: '1' }, 'json', false],
  ['terminal', false, {}, 'terminal', true],
  ['terminal', false, { NO_COLOR: '1' }, 'terminal', false],
] as const)('chooseReport() for %s, terminal %j, %j', (logFormat, isTTY, env, kind, color) => {
  expect(chooseReport({ logFormat, isTTY, env, platform: 'linux' })).toEqual({ kind, color, unicode: false });
});

test.each([
  ['linux', { LANG: 'de_DE.UTF-8' }, true],
  ['linux', { LANG: 'C.utf8' }, true],
  ['linux', { LANG: 'en_US.UTF-8', LC_ALL: 'C' }, false],
  ['linux', { LANG: 'en_US.UTF-8', LC_CTYPE: 'en_US.ISO-8859-1' }, false],
  ['linux', { LANG: 'C', LC_ALL: '', LC_CTYPE: 'C.UTF-8' }, true],
  ['linux', {}, false],
  ['darwin', {}, true],
  ['darwin', { LC_ALL: 'C' }, false],
  ['win32', {}, false],
  ['win32', { WT_SESSION: 'f00d' }, true],
  ['win32', { TERM_PROGRAM: 'vscode' }, true],
] as const)('chooseReport() on %s with %j: symbols beyond ASCII: %j', (platform, env, unicode) => {
  expect(chooseReport({ logFormat: 'auto', isTTY: true, env, platform }).unicode).toBe(unicode);
});
