import { describe, expect, test } from 'vitest';
import {
  formatMisfit,
  parseApiVersion,
  planAsking,
  planAskingOldest,
  planMisfit,
} from '../../../src/docker-cli/cli-fit.ts';
import { type CliVersion, parseCliVersion } from '../../../src/docker-cli/cli-version.ts';

const cli = (text: string): CliVersion => {
  const version = parseCliVersion(`Docker version ${text}, build 0123456\n`);
  if (version === undefined) throw new Error(`"${text}" was not understood`);
  return version;
};

describe('parseCliVersion()', () => {
  test.each([
    ['Docker version 28.2.2, build e6534b4\n', '28.2.2', 28, 2],
    ['Docker version 20.10.24+dfsg1, build 297e128\n', '20.10.24+dfsg1', 20, 10],
    ['Docker version 17.06.2-ce, build cec0b72\n', '17.06.2-ce', 17, 6],
    ['Docker version 29.0.0-rc.1, build 1e2c7b3\r\n', '29.0.0-rc.1', 29, 0],
  ])('of %j is %s', (output, text, major, minor) => {
    expect(parseCliVersion(output)).toEqual({ text, major, minor });
  });

  test.each([
    '',
    'podman version 4.3.1\n',
    'Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.\npodman version 4.3.1\n',
    'Docker version library-import, build library-import\n',
    'docker-compose version 1.29.2, build 5becea4c\n',
  ])('of %j is nothing', (output) => {
    expect(parseCliVersion(output)).toBeUndefined();
  });
});

test.each([
  ['1.44', 44],
  ['1.9', 9],
  ['2.0', undefined],
  ['', undefined],
  [undefined, undefined],
])('parseApiVersion(%j) is %j', (text, minor) => {
  expect(parseApiVersion(text)).toBe(minor);
});

test.each([
  ['17.03.2-ce', false],
  ['20.10.24', true],
  ['24.0.9', true],
  ['25.0.0', false],
  ['28.5.2', false],
  ['29.0.0', true],
  ['29.7.2', true],
  ['30.1.0', true],
])('an engine that Docker CLI %s cannot speak with is possible: %s', (text, answer) => {
  expect(planAsking(cli(text))).toBe(answer);
});

test('the oldest API is asked for only by an old CLI of a new engine', () => {
  expect([cli('20.10.24'), cli('28.2.2'), cli('29.1.0')].map((one) => planAskingOldest(one, 52))).toEqual([
    true,
    false,
    false,
  ]);
  expect(planAskingOldest(cli('20.10.24'), 45)).toBe(false);
});

describe('planMisfit()', () => {
  test.each([
    ['29.0.0', { newest: 40 }, { kind: 'old-engine', needs: 44, has: 40, forced: '1.40' }],
    ['29.2.1', { newest: 43 }, { kind: 'old-engine', needs: 44, has: 43, forced: '1.43' }],
    ['29.2.1', { newest: 39 }, { kind: 'old-engine', needs: 44, has: 39, forced: '1.39' }],
    ['29.3.0', { newest: 39 }, { kind: 'old-engine', needs: 40, has: 39, forced: undefined }],
    ['30.0.0', { newest: 39 }, { kind: 'old-engine', needs: 40, has: 39, forced: undefined }],
    ['20.10.24', { newest: 52, oldest: 44 }, { kind: 'old-cli', needs: 44, has: 41 }],
    ['19.03.15', { newest: 54, oldest: 41 }, { kind: 'old-cli', needs: 41, has: 40 }],
  ] as const)('of Docker CLI %s and an engine with %j', (text, engine, misfit) => {
    expect(planMisfit(cli(text), engine)).toEqual(misfit);
  });

  test.each([
    ['29.0.0', { newest: 44 }],
    ['29.2.1', { newest: 52 }],
    ['29.3.0', { newest: 40 }],
    ['28.2.2', { newest: 40 }],
    ['28.2.2', { newest: 54, oldest: 44 }],
    ['25.0.0', { newest: 54, oldest: 44 }],
    ['20.10.24', { newest: 54, oldest: 40 }],
    ['20.10.24', { newest: 54 }],
    ['17.03.2-ce', { newest: 54, oldest: 44 }],
  ] as const)('of Docker CLI %s and an engine with %j is none', (text, engine) => {
    expect(planMisfit(cli(text), engine)).toBeUndefined();
  });
});

describe('formatMisfit()', () => {
  const say = (text: string, engine: { readonly newest: number; readonly oldest?: number }): string => {
    const misfit = planMisfit(cli(text), engine);
    if (misfit === undefined) throw new Error('They fit');
    return formatMisfit(misfit, { cli: cli(text), machine: 'dev', variable: 'DOCKER_API_VERSION is set' });
  };

  test('says what is wrong and what helps', () => {
    expect(say('29.1.0', { newest: 40 })).toBe(
      'The Docker CLI 29.1.0 cannot speak with the engine of "dev" by itself: it takes no API below 1.44, and the ' +
        'engine has 1.40. DOCKER_API_VERSION is set; Docker CLI 29.3 or newer needs no such help',
    );
    expect(say('29.3.0', { newest: 39 })).toBe(
      'The Docker CLI 29.3.0 cannot speak with the engine of "dev": it takes no API below 1.40, and the engine has ' +
        '1.39. Install Docker CLI 28',
    );
    expect(say('20.10.24', { newest: 52, oldest: 44 })).toBe(
      'The Docker CLI 20.10.24 cannot speak with the engine of "dev": it has API 1.41, and the engine takes none ' +
        'below 1.44. Install Docker CLI 25 or newer',
    );
  });
});
