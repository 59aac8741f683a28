import { describe, expect, test } from 'vitest';
import { parseBool, resolveFlags } from '../../../src/driver/resolve-flags.ts';

const specs = {
  memory: { type: 'integer', summary: 'MiB', default: 1024, env: 'BOX_MEMORY', min: 4, max: 9000 },
  url: { type: 'string', summary: 'image', env: 'BOX_URL' },
  mode: { type: 'string', summary: 'how', default: 'auto', choices: ['auto', 'manual'], env: 'BOX_MODE' },
  'no-share': { type: 'boolean', summary: 'nothing shared', env: 'BOX_NO_SHARE' },
  folder: { type: 'list', summary: 'folders', env: 'BOX_FOLDER' },
} as const;

describe('resolveFlags()', () => {
  test('takes defaults where nothing is given', () => {
    expect(resolveFlags(specs, {}, {})).toEqual({
      memory: 1024,
      url: undefined,
      mode: 'auto',
      'no-share': false,
      folder: [],
    });
  });

  test('prefers what was typed to the environment, and the environment to the default', () => {
    const env = { BOX_MEMORY: '2048', BOX_URL: 'a.iso', BOX_FOLDER: '/a:x, /b:y,', BOX_NO_SHARE: 'T' };
    expect(resolveFlags(specs, { url: 'b.iso' }, env)).toMatchObject({
      memory: 2048,
      url: 'b.iso',
      'no-share': true,
      folder: ['/a:x', '/b:y'],
    });
    expect(resolveFlags(specs, { memory: '7', folder: ['/c,d:z'], 'no-share': 'false' }, env)).toMatchObject({
      memory: 7,
      folder: ['/c,d:z'],
      'no-share': false,
    });
  });

  test('takes an empty variable as unset', () => {
    expect(resolveFlags(specs, {}, { BOX_MEMORY: '', BOX_NO_SHARE: '' })).toMatchObject({
      memory: 1024,
      'no-share': false,
    });
  });

  test.each([
    [{ memory: '12x' }, {}, 'Invalid value "12x" for --memory: it is not a whole number'],
    [{}, { BOX_MEMORY: '1e3' }, 'Invalid value "1e3" in BOX_MEMORY: it is not a whole number'],
    [{ memory: '3' }, {}, 'Invalid value "3" for --memory: the least is 4'],
    [{ memory: '9001' }, {}, 'Invalid value "9001" for --memory: the most is 9000'],
    [{ memory: '99999999999999999999' }, {}, 'for --memory: it is not a whole number'],
    [{}, { BOX_NO_SHARE: 'yes' }, 'Invalid value "yes" in BOX_NO_SHARE: say true or false'],
    [{ mode: 'x' }, {}, 'Invalid value "x" for --mode: choose from auto, manual'],
  ])('refuses %o %o', (typed, env, message) => {
    expect(() => resolveFlags(specs, typed, env)).toThrow(message);
    expect(() => resolveFlags(specs, typed, env)).toThrow(
      expect.objectContaining({ code: 'FLAG_INVALID', exitCode: 2 }),
    );
  });
});

test.each(['1', 't', 'T', 'TRUE', 'true', 'True'])('parseBool() reads %s as true', (text) => {
  expect(parseBool(text, '')).toBe(true);
});

test.each(['0', 'f', 'F', 'FALSE', 'false', 'False'])('parseBool() reads %s as false', (text) => {
  expect(parseBool(text, '')).toBe(false);
});
