import { describe, expect, test } from 'vitest';
import { parseCurrentContext, planCurrentContext } from '../../../src/docker-cli/current-context.ts';

/** As the Docker CLI writes it after a login. */
const written =
  '{\n\t"auths": {\n\t\t"https://a.example": {\n\t\t\t"auth": "e30="\n\t\t}\n\t},\n\t"credsStore": "pass"\n}';

describe('parseCurrentContext()', () => {
  test.each([
    ['', undefined],
    [' \n', undefined],
    ['{}', undefined],
    [written, undefined],
    ['{"currentContext": ""}', undefined],
    ['{"currentContext": null}', undefined],
    ['{"currentContext": "dev"}', 'dev'],
    ['{"CURRENTCONTEXT": "dev"}', 'dev'],
    ['{"currentContext": "one", "currentcontext": "two"}', 'two'],
    ['{"\\u0063urrentContext": "d\\u0065v"}', 'dev'],
    ['{"a": {"currentContext": "inner"}, "b": "\\"currentContext\\": \\"text\\""}', undefined],
  ])('of %j is %j', (text, name) => {
    expect(parseCurrentContext(text)).toBe(name);
  });

  test.each([
    '{"currentContext": "dev"',
    '[]',
    '"text"',
    'null',
    '{"currentContext": 1}',
    '\ufeff{}',
    '{} {}',
    '\u00a0',
  ])('refuses %j', (text) => {
    expect(() => parseCurrentContext(text)).toThrow(SyntaxError);
  });
});

describe('planCurrentContext()', () => {
  test.each([
    ['', '{\n\t"currentContext": "dev"\n}'],
    ['{}', '{\n\t"currentContext": "dev"\n}'],
    [written, written.replace('"pass"', '"pass",\n\t"currentContext": "dev"')],
    ['{"a":1}', '{"a":1,"currentContext":"dev"}'],
    ['{ "a" : [1, {"b": "}"}] } \n', '{ "a" : [1, {"b": "}"}], "currentContext":"dev" } \n'],
    ['{"currentContext" :"old", "z": 1e400}', '{"currentContext" :"dev", "z": 1e400}'],
    ['{"currentContext": null}', '{"currentContext": "dev"}'],
  ])('adds to %j', (text, expected) => {
    expect(planCurrentContext(text, 'dev')).toBe(expected);
  });

  test.each([
    [written, written],
    ['{\n\t"currentContext": "dev"\n}', '{}'],
    ['{"currentContext": "dev", "a": 1}', '{"a": 1}'],
    ['{"a": 1, "currentContext": "dev", "b": 2}', '{"a": 1, "b": 2}'],
    ['{"a": 1, "currentContext": "dev", "CurrentContext": "dev"}\n', '{"a": 1}\n'],
  ])('takes out of %j', (text, expected) => {
    expect(planCurrentContext(text, undefined)).toBe(expected);
  });

  test('gives back the very text after there and back again, whatever stands in it', () => {
    const values = [
      '{}',
      '[]',
      '"\\\\"',
      '"}"',
      '-1.50',
      'true',
      '[[],{"a":{}}]',
      '{"x": [",", ":"]}',
      '"\\u00e4\xe4"',
    ];
    for (const [open, comma, close] of [
      ['{', ',', '}'],
      ['{\n  ', ',\n  ', '\n}\n'],
      ['\t{ ', ' , ', ' }'],
      ['{\r\n\t', ',\r\n\t', '\r\n}'],
    ] as const)
      for (let size = 1; size <= values.length; size += 1) {
        const text =
          open +
          values
            .slice(-size)
            .map((value, index) => `"k${index}": ${value}`)
            .join(comma) +
          close;
        const there = planCurrentContext(text, 'dev');
        expect(JSON.parse(there)).toEqual({ ...JSON.parse(text), currentContext: 'dev' });
        expect(planCurrentContext(planCurrentContext(there, 'other'), undefined)).toBe(text);
      }
  });
});
