import { describe, expect, test } from 'vitest';
import { GobEncoder } from '../../../../drivers/plugin/gob/gob-encoder.ts';
import { GobError } from '../../../../drivers/plugin/gob/gob-error.ts';
import { type GobValue, isStruct } from '../../../../drivers/plugin/gob/gob-value.ts';
import { basic, type WireType } from '../../../../drivers/plugin/gob/wire-type.ts';
import { decodeGobs, goGob, goGobs } from '../../../support/go-gobs.ts';

const struct = (fields: Record<string, GobValue>) => ({ fields });
const held = (concrete: string, value: GobValue) => ({ concrete, type: expect.any(Number), value });
const point = (fields: Record<string, number>) => struct(fields);
const everything = struct({
  Bool: true,
  Int8: -8,
  Int64: -(2n ** 63n),
  Uint8: 255,
  Uint64: 2n ** 64n - 1n,
  Float32: 0.5,
  Float64: -2.5,
  Complex128: [0, 1],
  Bytes: new Uint8Array(Buffer.from('bytes')),
  String: 'text',
  Array: [0, 2, 0],
  Slice: ['', 'b'],
  Map: new Map([['k', [1, 0]]]),
  Inner: struct({ B: 2 }),
  Pointer: 7,
  Interface: held('int', 9),
  Last: 'last',
});
/** Go sends arrays and structs that are zero. */
const empty = struct({ Array: [0, 0, 0], Inner: struct({}) });
const interfaces = [
  null,
  held('int', 1),
  held('string', 'two'),
  held('[]string', ['three']),
  held('main.Line', struct({ From: point({ X: 1, Y: 2 }), To: point({ Y: 4 }) })),
  held('main.Line', struct({ From: struct({}), To: struct({}) })),
];
const box = (label: string, content: GobValue) => held('main.Box', struct({ Label: label, Content: content }));
const line = (fields: Record<string, GobValue>) => held('main.Line', struct({ From: struct({}), ...fields }));
const deep = struct({
  Label: 'top',
  Content: held(
    'map[string]interface {}',
    new Map([
      [
        'k',
        held('[]interface {}', [
          held('main.Pair', struct({ First: line({ To: struct({}) }), Second: held('[]string', ['x']) })),
          box('in', held('uint8', 200)),
        ]),
      ],
    ]),
  ),
});

const expected: Readonly<Record<string, readonly unknown[]>> = {
  bools: [false, true],
  ints: [
    ...[0, 1, -1, 63, 64, -64, -65, 255, 256, 2 ** 53 - 1, 2n ** 53n, -(2 ** 53 - 1)],
    ...[2n ** 63n - 1n, -(2n ** 63n)],
  ],
  uints: [0, 127, 128, 256, 2n ** 53n, 2n ** 64n - 1n],
  floats: [0, 1, -17.25, 0.1, Number.MAX_VALUE, Number.MIN_VALUE, Number.NEGATIVE_INFINITY, Number.NaN],
  complex: [[1.5, -2]],
  bytes: [new Uint8Array(), new Uint8Array([0, 1, 254, 255])],
  strings: ['', 'Grüße, 🐳\0\u2028', '\ufeffmarked'],
  'no string': ['f\ufffdo'],
  slices: [[], [1, -2, 300], ['', 'a'], [[1], []]],
  arrays: [['a', 'b'], []],
  maps: [new Map(), new Map([['__proto__', -7]]), new Map([[1, false]])],
  struct: [everything, empty, struct({ ...empty.fields, Last: 'only' }), everything],
  'empty struct': [struct({}), struct({})],
  trees: [
    struct({
      Name: 'root',
      Left: struct({ Name: 'left' }),
      Children: [struct({ Name: 'a' }), struct({ Name: 'b', Left: struct({}) })],
    }),
  ],
  interfaces: [interfaces, interfaces],
  boxes: [
    struct({ Label: 'outer', Content: box('middle', box('inner', line({ To: point({ X: 3, Y: 4 }) }))) }),
    struct({ Label: 'again', Content: line({ To: struct({}) }) }),
  ],
  deep: [deep, deep],
  'long list': [Array.from({ length: 150 }, (_, index) => box(String(index), held('int', index)))],
};

describe('a gob of Go', () => {
  test.each(Object.entries(expected))('is read: %s', (name, values) => {
    expect(decodeGobs(goGob(name))).toEqual(values);
    expect(decodeGobs(goGob(name), 1)).toEqual(values);
  });

  test('is refused where only Go code could read it', () => {
    const reason = new GobError('values of the type "Time" are encoded by Go code of their own');
    expect(() => decodeGobs(goGob('by methods'))).toThrow(reason);
    expect(() => decodeGobs(goGob('by methods, in a struct'))).toThrow(reason);
  });

  test('may have names that mean something to JavaScript', () => {
    const fields = ['__proto__', 'constructor'].map((name) => ({ name, type: basic.int }));
    const types = new Map<number, WireType>([[65, { kind: 'struct', name: 'toString', fields }]]);
    const [value] = decodeGobs(new GobEncoder(types).encode({ type: 65, value: struct({ constructor: 1 }) }));
    expect(Object.entries(isStruct(value) ? value.fields : {})).toEqual([['constructor', 1]]);
  });
});

describe('what is no gob', () => {
  test('nothing comes of a stream that is cut off', () => {
    for (const { name, pieces } of goGobs.filter((each) => !each.name.startsWith('by methods'))) {
      const first = Buffer.from(pieces[0] ?? '', 'hex');
      for (let length = 0; length < first.length; length += 1)
        expect(decodeGobs(first.subarray(0, length)), `${name}, ${length} bytes`).toEqual([]);
    }
  });

  test('a changed byte gives a value or an error, at once', () => {
    const random = makeRandom(1);
    for (const { pieces } of goGobs) {
      const bytes = Buffer.from(pieces.join(''), 'hex');
      for (let round = 0; round < 300; round += 1) {
        const changed = Buffer.from(bytes);
        for (let count = 0; count <= round % 3; count += 1)
          changed[Math.floor(random() * changed.length)] = Math.floor(random() * 256);
        expect(isRead(changed)).toBeTypeOf('boolean');
      }
    }
  });

  test('a changed end of a message gives a value or an error', () => {
    for (const { pieces } of goGobs)
      for (const piece of pieces.filter((each) => each.length < 200))
        for (let cut = 2; cut < piece.length; cut += 2) {
          const bytes = Buffer.from(piece.slice(0, -cut), 'hex');
          expect(isRead(Buffer.concat([bytes, Buffer.alloc(cut / 2, cut % 4 === 0 ? 255 : 0)]))).toBeTypeOf('boolean');
        }
  });

  test.each([
    ['a huge message', 'fc7fffffff', 'a message of 2147483647 bytes is announced'],
    ['a length of nine bytes', 'f7010203040506070809', 'what came is no gob'],
    ['an empty message', '00', 'a message is empty'],
    ['a huge string', '090c00fc7fffffff4141', '2147483647 bytes are announced, but the message ends before'],
    ['a count beyond doubles', '0b0c00f8ffffffffffffffff', 'a count is as large as 18446744073709551615'],
    ['a type that is not defined', '03ff8200', 'type 65 is not defined'],
    ['a built-in type defined anew', '0303010100', 'type 2 is defined twice'],
    ['a value that is too long', '0402000000', 'a message is longer than its value'],
    ['no zero before an int', '03040102', 'no value of type 2 begins here'],
  ])('%s is refused', (_, hex, reason) => {
    expect(() => decodeGobs(Buffer.from(hex, 'hex'))).toThrow(new GobError(reason));
  });

  test('a list that claims more than comes takes no memory', () => {
    const defined = '0cff81020102ff820001040000';
    const reason = new GobError('1 bytes are announced, but the message ends before');
    expect(() => decodeGobs(Buffer.from(`${defined}08ff8200fc7fffffff`, 'hex'))).toThrow(reason);
  });

  test('a value that is nested very deep is refused', () => {
    const types = new Map<number, WireType>([[65, { kind: 'slice', element: 65 }]]);
    const nest = (depth: number): GobValue => (depth === 0 ? [] : [nest(depth - 1)]);
    const encode = (depth: number) => new GobEncoder(types).encode({ type: 65, value: nest(depth) });
    expect(decodeGobs(encode(100))).toEqual([nest(100)]);
    expect(() => decodeGobs(encode(101))).toThrow(new GobError('a value is nested deeper than 100 times'));
  });

  test('a value of a great many parts is refused', () => {
    const types = new Map<number, WireType>([[65, { kind: 'slice', element: basic.interface }]]);
    const bytes = new GobEncoder(types).encode({ type: 65, value: Array.from({ length: 100_000 }, () => null) });
    expect(() => decodeGobs(bytes)).toThrow(new GobError('a value has more than 100000 parts'));
  });

  test('a great many types are refused', () => {
    const types = new Map(
      Array.from({ length: 251 }, (_, index): [number, WireType] => [
        64 + index,
        { kind: 'slice', element: basic.int },
      ]),
    );
    const encoder = new GobEncoder(types);
    const bytes = [...types.keys()].map((type) => encoder.encode({ type, value: [] }));
    expect(decodeGobs(Buffer.concat(bytes.slice(0, 250)))).toHaveLength(250);
    expect(() => decodeGobs(Buffer.concat(bytes))).toThrow(new GobError('more than 250 types are defined'));
  });
});

function isRead(bytes: Uint8Array): boolean {
  try {
    decodeGobs(bytes);
    return true;
  } catch (error) {
    if (error instanceof GobError) return false;
    throw error;
  }
}

/** Numbers that are the same each time; mulberry32. */
function makeRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}
