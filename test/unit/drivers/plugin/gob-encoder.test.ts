import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formatFlagValues } from '../../../../drivers/plugin/flag-values.ts';
import { GobEncoder } from '../../../../drivers/plugin/gob/gob-encoder.ts';
import { GobError } from '../../../../drivers/plugin/gob/gob-error.ts';
import type { GobValue, TypedValue } from '../../../../drivers/plugin/gob/gob-value.ts';
import { basic, type WireType } from '../../../../drivers/plugin/gob/wire-type.ts';
import { sent, sentTypes } from '../../../../drivers/plugin/sent-types.ts';
import { decodeGobs, goGobs } from '../../../support/go-gobs.ts';

const fixtures = '../../../fixtures/go-gob';
const json = `{"b":"<é>","a":9007199254740993}`;
const flags = {
  zero: 0,
  int: -2376,
  large: Number.MAX_SAFE_INTEGER,
  string: 'Grüße',
  empty: '',
  list: ['a', '', 'c'],
  none: [],
  yes: true,
  no: false,
};
const nothing: TypedValue = { type: sent.nothing, value: { fields: {} } };
const withoutArgument = [
  ...['GetVersion', 'GetCreateFlags', 'GetConfigRaw', 'GetMachineName', 'GetIP', 'GetSSHHostname', 'GetSSHKeyPath'],
  ...['GetSSHUsername', 'GetURL', 'DriverName', 'GetSSHPort', 'GetState', 'PreCreateCheck', 'Create', 'Remove'],
  ...['Start', 'Stop', 'Restart', 'Kill', 'Upgrade', 'Heartbeat', 'Close'],
];
const calls: readonly (readonly [method: string, argument: TypedValue])[] = [
  ...withoutArgument.map((method): [string, TypedValue] => [method, nothing]),
  ['SetConfigRaw', { type: basic.bytes, value: new TextEncoder().encode(json) }],
  ['SetConfigRaw', { type: basic.bytes, value: new Uint8Array() }],
  ['SetConfigFromFlags', formatFlagValues(flags)],
  ['SetConfigFromFlags', formatFlagValues({ list: ['again'] })],
  ['SetConfigFromFlags', formatFlagValues({})],
];
const request = (method: string, seq: number): TypedValue => ({
  type: sent.request,
  value: { fields: { ServiceMethod: `RPCServerDriver.${method}`, Seq: seq } },
});

describe('what is sent to a plugin', () => {
  const encoder = new GobEncoder(sentTypes);
  const pieces = calls.map(([method, argument], seq) => encoder.encode(request(method, seq), argument));

  test('is what Go has read', async () => {
    const hex = pieces.map((piece) => Buffer.from(piece).toString('hex'));
    await expect(`${JSON.stringify(hex, null, 2)}\n`).toMatchFileSnapshot(`${fixtures}/by-tmachine.json`);
  });

  test('is what was meant, says Go', () => {
    const words = {
      zero: '0',
      int: '-2376',
      large: '9007199254740991',
      string: '"Grüße"',
      empty: '""',
      list: '[]string{"a", "", "c"}',
      none: '[]string(nil)',
      yes: 'true',
      no: 'false',
    };
    const read: readonly unknown[] = JSON.parse(
      readFileSync(new URL(`${fixtures}/read-by-go.json`, import.meta.url), 'utf8'),
    );
    const args = [...withoutArgument.map(() => ({})), json, '', words, { list: '[]string{"again"}' }, {}];
    const meant = calls.map(([method], seq) => ({ method: `RPCServerDriver.${method}`, seq, argument: args[seq] }));
    expect(read).toEqual(meant);
  });

  test('is read by our own decoder, too', () => {
    const values = calls.flatMap(([method, argument], seq) => [request(method, seq).value, argument.value]);
    expect(decodeGobs(Buffer.concat(pieces)).map(withoutZeros)).toEqual(values.map(withoutZeros));
  });
});

describe('the bytes are those of Go', () => {
  const list: WireType = { kind: 'slice', element: basic.int };
  test.each<[name: string, type: number, values: readonly GobValue[]]>([
    ['bools', basic.bool, [false, true]],
    ['ints', basic.int, [0, 1, -1, 63, 64, -64, -65, 255, 256, 2 ** 53 - 1, 2n ** 53n, -(2 ** 53 - 1), 2n ** 63n - 1n]],
    ['uints', basic.uint, [0, 127, 128, 256, 2n ** 53n, 2n ** 64n - 1n]],
    ['bytes', basic.bytes, [new Uint8Array(), new Uint8Array([0, 1, 254, 255])]],
    ['strings', basic.string, ['', 'Grüße, 🐳\0\u2028', '\ufeffmarked']],
    ['slices', 65, [[], [1, -2, 300]]],
  ])('%s', (name, type, values) => {
    const encoder = new GobEncoder(new Map([[65, list]]));
    const pieces = values.map((value) => Buffer.from(encoder.encode({ type, value })).toString('hex'));
    expect(pieces).toEqual(goGobs.find((each) => each.name === name)?.pieces.slice(0, values.length));
  });
});

test.each<[value: string, TypedValue]>([
  ['a text for an int', { type: basic.int, value: '1' }],
  ['half an int', { type: basic.int, value: 0.5 }],
  ['an int that is not exact', { type: basic.int, value: 2 ** 53 }],
  ['a negative uint', { type: basic.uint, value: -1 }],
  ['a number among texts', { type: sent.list, value: ['a', 1] }],
  ['a bare value for an interface', { type: basic.interface, value: 1 }],
  ['a type of nobody', { type: 99, value: 1 }],
  ['a list for a struct', { type: sent.request, value: [] }],
])('%s is refused, and leaves the stream as it was', (_, value) => {
  const encoder = new GobEncoder(sentTypes);
  expect(() => encoder.encode(request('GetIP', 1), value)).toThrow(GobError);
  expect(decodeGobs(encoder.encode(request('GetIP', 1)))).toEqual([request('GetIP', 1).value]);
});

/** A struct without its zeros, which are not sent. */
function withoutZeros(value: GobValue): unknown {
  return JSON.parse(
    JSON.stringify(value, (key, each) => {
      if (each instanceof Map) return Object.fromEntries(each);
      return key === 'Seq' && each === 0 ? undefined : each;
    }),
  );
}
