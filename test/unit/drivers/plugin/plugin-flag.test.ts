import { describe, expect, test } from 'vitest';
import { parsePluginFlags } from '../../../../drivers/plugin/plugin-flag.ts';
import { decodeGobs, goGob } from '../../../support/go-gobs.ts';

const answers = decodeGobs(goGob('answers'));
const held = (concrete: string, fields: object) => ({ concrete, type: 70, value: { fields: { ...fields } } });

test('answers of a plugin come as heads and bodies', () => {
  const heads = answers.filter((_, index) => index % 2 === 0);
  const bodies = answers.filter((_, index) => index % 2 === 1);
  const methods = [
    ...['GetVersion', 'GetCreateFlags', 'SetConfigRaw', 'GetConfigRaw', 'SetConfigFromFlags', 'DriverName'],
    ...['GetMachineName', 'GetSSHPort', 'GetState', 'Create'],
  ].map((method, seq) => ({ fields: { ServiceMethod: `RPCServerDriver.${method}`, ...(seq > 0 && { Seq: seq }) } }));
  const failed = { ServiceMethod: 'RPCServerDriver.GetURL', Seq: 10, Error: 'Host is not running' };
  const last = { ServiceMethod: 'RPCServerDriver.GetCreateFlags', Seq: 2 ** 40 };
  expect(heads).toEqual([...methods, { fields: failed }, { fields: last }]);
  const none = { fields: {} };
  const raw = new Uint8Array(Buffer.from('{"b":1,"a":"\\u003c"}'));
  expect(bodies).toEqual([1, bodies[1], none, raw, none, 'fake', '', 22, 4, none, none, bodies[1]]);
});

describe('flags', () => {
  test('of all kinds are read, zeros included', () => {
    expect(parsePluginFlags(answers[3] ?? null)).toEqual([
      { kind: 'string', name: 'fake-zone', usage: 'Zone', envVar: 'FAKE_ZONE', value: 'eu-1' },
      { kind: 'string', name: 'fake-key', usage: '', envVar: '', value: '' },
      { kind: 'int', name: 'fake-memory', usage: 'Memory', envVar: '', value: 1024 },
      { kind: 'int', name: 'fake-zero', usage: '', envVar: '', value: 0 },
      { kind: 'list', name: 'fake-tag', usage: 'Tags', envVar: 'FAKE_TAGS', value: ['one', 'two'] },
      { kind: 'list', name: 'fake-none', usage: '', envVar: '', value: [] },
      { kind: 'bool', name: 'fake-insecure', usage: 'Trust', envVar: 'FAKE_INSECURE', value: false },
    ]);
    expect(parsePluginFlags([])).toEqual([]);
  });

  test('of newer versions may say more', () => {
    const flag = { kind: 'bool', name: 'a', usage: '', envVar: '', value: false };
    expect(parsePluginFlags([held('*mcnflag.BoolFlag', { Name: 'a', Hidden: true })])).toEqual([flag]);
  });

  test.each([
    ['no list', 'flags'],
    ['nothing in it', [null]],
    ['a kind of flag that docker-machine does not have', [held('*mcnflag.FloatFlag', { Name: 'a' })]],
    ['a name of an object', [held('constructor', { Name: 'a' })]],
    ['a flag without a name', [held('*mcnflag.IntFlag', { Value: 1 })]],
    ['a default of another kind', [held('*mcnflag.IntFlag', { Name: 'a', Value: '1' })]],
    ['a number among texts', [held('*mcnflag.StringSliceFlag', { Name: 'a', Value: [1] })]],
  ])('%s is not taken for flags', (_, value) => {
    expect(parsePluginFlags(value)).toBeUndefined();
  });
});
