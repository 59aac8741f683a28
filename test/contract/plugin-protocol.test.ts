import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { PluginClient } from '../../drivers/plugin/client.ts';
import { GobEncoder } from '../../drivers/plugin/gob/gob-encoder.ts';
import type { TypedValue } from '../../drivers/plugin/gob/gob-value.ts';
import { basic, type WireType } from '../../drivers/plugin/gob/wire-type.ts';
import { PluginLost, PluginRefusal } from '../../drivers/plugin/plugin-errors.ts';
import { buildPlugin } from '../support/build-plugin.ts';
import { network, startPlugin } from '../support/plugin-process.ts';
import { describeWith } from '../support/requires.ts';
import { makeTempFolder } from '../support/temp-folder.ts';

const values = {
  'fake-ip': '127.0.0.7',
  'fake-engine-port': 12376,
  'fake-ssh-port': 0,
  'fake-ssh-user': 'grüße',
  'fake-memory': 2048,
  'fake-tag': ['<a>', ''],
  'fake-insecure': true,
  'swarm-master': false,
};

describeWith(['go'], 'a plugin by Go', () => {
  beforeAll(async () => void (await buildPlugin()), 300_000);

  test('answers everything that docker-machine asks', async () => {
    await using folder = await makeTempFolder();
    await using plugin = await startPlugin();
    await using client = await plugin.connect();
    expect(await client.version()).toBe(1);
    expect(await client.ask('DriverName')).toBe('fake');
    await client.setConfigRaw(JSON.stringify({ MachineName: 'box', StorePath: folder.path }));
    await client.setConfigFromFlags(values);
    await client.act('PreCreateCheck');
    await client.act('Create');
    expect(await client.state()).toBe(1);
    expect(await client.ask('GetMachineName')).toBe('box');
    expect(await client.ask('GetIP')).toBe('127.0.0.7');
    expect(await client.ask('GetURL')).toBe('tcp://127.0.0.7:12376');
    expect(await client.ask('GetSSHHostname')).toBe('127.0.0.7');
    expect(await client.ask('GetSSHUsername')).toBe('grüße');
    expect(await client.ask('GetSSHKeyPath')).toBe(`${folder.path}/machines/box/id_rsa`);
    expect(await client.sshPort()).toBe(0);
    for (const [action, state] of [
      ['Stop', 4],
      ['Start', 1],
      ['Kill', 4],
      ['Restart', 1],
    ] as const) {
      await client.act(action);
      expect(await client.state()).toBe(state);
    }
    await client.heartbeat();
    await client.act('Remove');
    await expect(client.state()).rejects.toThrow(PluginRefusal);
  });

  test('tells its flags', async () => {
    await using plugin = await startPlugin();
    await using client = await plugin.connect();
    const flags = await client.createFlags();
    expect(flags).toHaveLength(11);
    const usage = 'Zone with "quotes", <brackets> & ümlauts';
    expect(flags).toContainEqual({ kind: 'string', name: 'fake-zone', usage, envVar: 'FAKE_ZONE', value: 'eu-1' });
    const memory = { kind: 'int', name: 'fake-memory', usage: 'Memory in MB', envVar: 'FAKE_MEMORY', value: 1024 };
    expect(flags).toContainEqual(memory);
    const tags = { kind: 'list', name: 'fake-tag', usage: 'Tags', envVar: 'FAKE_TAGS', value: ['one', 'two'] };
    expect(flags).toContainEqual(tags);
    expect(flags.find(({ kind }) => kind === 'bool')).toMatchObject({ name: 'fake-insecure', value: false });
    expect(await client.createFlags()).toEqual(flags);
  });

  test('gets its own JSON back in another process, byte for byte', async () => {
    await using folder = await makeTempFolder();
    await using first = await startPlugin();
    await using one = await first.connect();
    await one.setConfigRaw(JSON.stringify({ MachineName: 'box', StorePath: folder.path }));
    await one.setConfigFromFlags(values);
    await one.act('Create');
    const kept = await one.configRaw();
    expect(kept).toContain('"InstanceId":18446744073709551557,"Banner":"\\u003cb\\u003eTom \\u0026 \\"Jerry\\"');
    expect(kept).toContain('"Ports":{"10":"ten","9":"nine","__proto__":"odd"},"Price":1e+21,"Nothing":null');
    await using second = await startPlugin();
    await using other = await second.connect();
    await other.setConfigRaw(kept);
    expect(await other.configRaw()).toBe(kept);
    expect(await other.state()).toBe(1);
  });

  test('takes a large configuration and many calls at once', async () => {
    await using plugin = await startPlugin();
    await using client = await plugin.connect();
    const name = 'ü'.repeat(200_000);
    await client.setConfigRaw(JSON.stringify({ MachineName: name }));
    const names = await Promise.all(Array.from({ length: 20 }, () => client.ask('GetMachineName')));
    expect(new Set(names)).toEqual(new Set([name]));
  });

  test('beats beside a long creation, and is lost without', async () => {
    await using folder = await makeTempFolder();
    await using plugin = await startPlugin({
      FAKE_PLUGIN_HEARTBEAT_MS: '700',
      FAKE_PLUGIN_FAULTS: 'Create=sleep:2s',
    });
    await using client = await plugin.connect();
    await client.setConfigRaw(JSON.stringify({ MachineName: 'box', StorePath: folder.path }));
    let isCreated = false;
    const created = client.act('Create').then(() => {
      isCreated = true;
    });
    for (let count = 0; !isCreated; count += 1) {
      expect(count).toBeLessThan(20);
      await client.heartbeat();
      await sleep(200);
    }
    await created;
    expect(await plugin.ended).toBe(1);
    await expect(client.state()).rejects.toThrow('The connection to the driver plugin is lost: the plugin closed it');
  });

  test('refuses in its own words', async () => {
    await using plugin = await startPlugin({ FAKE_PLUGIN_FAULTS: 'Create=error:no "quota"\nleft;Start=panic' });
    await using client = await plugin.connect();
    const refusal = await client.act('Create').catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(PluginRefusal);
    expect(refusal).toMatchObject({ code: 'PLUGIN_REFUSED', method: 'Create', reason: 'no "quota"\nleft' });
    expect(refusal).toMatchObject({ message: 'Create of the driver plugin failed: no "quota"\nleft' });
    await expect(client.act('Start')).rejects.toThrow(/^Start of the driver plugin failed: Panic in the driver: .+\n/);
    await expect(client.setConfigRaw('{')).rejects.toThrow('unexpected end of JSON input');
    await expect(client.setConfigFromFlags({ 'fake-zone': 'nowhere' })).rejects.toThrow('no zone "nowhere"');
    expect(await client.sshPort()).toBe(0);
  });

  test.each(['old', 'new'])('may have the service of %s versions alone', async (service) => {
    await using plugin = await startPlugin({ FAKE_PLUGIN_SERVICE: service, FAKE_PLUGIN_VERSION: '2' });
    await using client = await plugin.connect();
    expect(await Promise.all([client.version(), client.ask('DriverName'), client.sshPort()])).toEqual([2, 'fake', 22]);
    expect(await client.version()).toBe(2);
    await expect(client.act('Upgrade')).rejects.toThrow('cannot be upgraded');
  });

  test.each([
    ['crash', 2],
    ['exit', 4],
  ])('is lost with all calls when it ends in the middle: %s', async (fault, status) => {
    await using plugin = await startPlugin({ FAKE_PLUGIN_FAULTS: `Start=hang;Create=${fault}` });
    await using client = await plugin.connect();
    const outcomes = await Promise.allSettled([client.act('Start'), client.act('Create')]);
    for (const outcome of [...outcomes, ...(await Promise.allSettled([client.heartbeat()]))])
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'PLUGIN_LOST' } });
    expect(await plugin.ended).toBe(status);
  });

  test('ends when it is closed', async () => {
    await using plugin = await startPlugin();
    const client = await plugin.connect();
    await client.close();
    expect(await plugin.ended).toBe(0);
    await client.close();
    await expect(client.version()).rejects.toThrow(PluginLost);
  });

  test('is closed although it hangs', async () => {
    await using plugin = await startPlugin({ FAKE_PLUGIN_FAULTS: 'Create=hang;Close=hang' });
    const client = await plugin.connect();
    const created = client.act('Create').catch((error: unknown) => error);
    expect(await client.ask('DriverName')).toBe('fake');
    await client.close();
    expect(await created).toBeInstanceOf(PluginLost);
  });

  test('can be given up, call by call or as a whole', async () => {
    await using plugin = await startPlugin({ FAKE_PLUGIN_FAULTS: 'Create=sleep:300ms;Start=hang' });
    const whole = new AbortController();
    await using client = await plugin.connect(whole.signal);
    const reason = new Error('enough');
    const one = new AbortController();
    setTimeout(() => one.abort(reason), 50);
    await expect(client.act('Start', one.signal)).rejects.toBe(reason);
    await expect(client.act('Start', one.signal)).rejects.toBe(reason);
    // The answer to a call that nobody waits for any more does no harm.
    await expect(client.act('Create', AbortSignal.timeout(50))).rejects.toThrow('timeout');
    await sleep(400);
    expect(await client.version()).toBe(1);
    setTimeout(() => whole.abort(reason), 50);
    await expect(client.act('Start')).rejects.toBe(reason);
    await expect(client.version()).rejects.toBe(reason);
    await expect(plugin.connect(whole.signal)).rejects.toBe(reason);
  });

  test('wants its token, and may say nothing', async () => {
    await using unasked = await startPlugin({ MACHINE_PLUGIN_TOKEN: '' });
    expect([unasked.address, await unasked.ended]).toEqual(['', 1]);
    await using broken = await startPlugin({ FAKE_PLUGIN_START: 'exit' });
    expect([broken.address, await broken.ended]).toEqual(['', 3]);
  });
});

const connected = 'HTTP/1.0 200 Connected to Go RPC\n\n';
/** Go's `rpc.Response`. */
const answerTypes = new Map<number, WireType>([
  [
    65,
    {
      kind: 'struct',
      name: 'Response',
      fields: [
        { name: 'ServiceMethod', type: basic.string },
        { name: 'Seq', type: basic.uint },
        { name: 'Error', type: basic.string },
      ],
    },
  ],
]);

describe('a server that is no plugin', () => {
  test.each([
    ['another web server', 'HTTP/1.1 405 Method Not Allowed\r\n\r\n', 'PLUGIN_NO_RPC'],
    ['a server that talks first', 'SSH-2.0-OpenSSH_9.2\r\n\r\n', 'PLUGIN_NO_RPC'],
    ['one that talks on and on', 'x'.repeat(100_000), 'PLUGIN_NO_RPC'],
    ['one that hangs up', '', 'PLUGIN_LOST'],
    ['one that hangs up early', 'HTTP/1.0 200 Conn', 'PLUGIN_LOST'],
    ['one that sends no gob', `${connected}Hello`, 'PLUGIN_LOST'],
  ])('%s is told at once', async (_, answer, code) => {
    await using server = await listen((socket) => socket.end(answer));
    const client = PluginClient.connect(network, server.endpoint, new AbortController().signal);
    await expect(client.then((each) => each.version())).rejects.toMatchObject({ code });
  });

  test.each<[answer: string, body: TypedValue, ask: (client: PluginClient) => Promise<unknown>]>([
    ['a text for a number', { type: basic.string, value: '1' }, (client) => client.version()],
    ['a number for a text', { type: basic.int, value: 1 }, (client) => client.ask('GetIP')],
    ['a text for JSON', { type: basic.string, value: '{}' }, (client) => client.configRaw()],
    ['no flags', { type: basic.bytes, value: new Uint8Array() }, (client) => client.createFlags()],
    ['a number that is not exact', { type: basic.int, value: 2n ** 60n }, (client) => client.sshPort()],
  ])('answers with %s are not taken', async (_, body, ask) => {
    await using server = await listen(serveOnce(new GobEncoder(answerTypes).encode(response(1), body)));
    const client = await PluginClient.connect(network, server.endpoint, new AbortController().signal);
    await expect(ask(client)).rejects.toMatchObject({ code: 'PLUGIN_ANSWER_UNREADABLE' });
  });

  test.each<[answer: string, bytes: Uint8Array, reason: string]>([
    ['no number', new GobEncoder(answerTypes).encode(response(0)), 'an answer does not say to what'],
    [
      'no response',
      new GobEncoder(answerTypes).encode({ type: basic.int, value: 1 }),
      'an answer does not say to what',
    ],
    ['no gob', Buffer.from('f0', 'hex'), 'gob: what came is no gob'],
    ['half an answer', Buffer.from('2c', 'hex'), 'the plugin closed it'],
  ])('%s ends the connection', async (_, bytes, reason) => {
    await using server = await listen(serveOnce(bytes));
    const client = await PluginClient.connect(network, server.endpoint, new AbortController().signal);
    const message = `The connection to the driver plugin is lost: ${reason}`;
    await expect(client.version()).rejects.toThrow(message);
    await expect(client.version()).rejects.toThrow(message);
  });

  test('answers come in any order, byte by byte, and with the handshake', async () => {
    const encoder = new GobEncoder(answerTypes);
    const answer = (seq: number) => encoder.encode(response(seq), { type: basic.string, value: `answer ${seq}` });
    const [stray, second, first] = [answer(9), answer(2), answer(1)];
    await using server = await listen(async (socket) => {
      socket.setNoDelay(true).write(Buffer.concat([Buffer.from(connected), stray]));
      socket.resume();
      await sleep(100);
      for (const byte of Buffer.concat([second, first])) {
        socket.write(Uint8Array.of(byte));
        await sleep(1);
      }
    });
    await using client = await PluginClient.connect(network, server.endpoint, new AbortController().signal);
    expect(await Promise.all([client.ask('GetIP'), client.ask('GetURL')])).toEqual(['answer 1', 'answer 2']);
    server.stop();
  });

  test('nobody listens', async () => {
    const server = await listen(() => undefined);
    await server[Symbol.asyncDispose]();
    const client = PluginClient.connect(network, server.endpoint, new AbortController().signal);
    await expect(client).rejects.toMatchObject({ code: 'PLUGIN_LOST' });
  });

  test('a server that never answers is given up', async () => {
    await using server = await listen(() => undefined);
    const client = PluginClient.connect(network, server.endpoint, AbortSignal.timeout(100));
    await expect(client).rejects.toThrow('timeout');
  });
});

function response(seq: number): TypedValue {
  return { type: 65, value: { fields: { ServiceMethod: 'RPCServerDriver.Any', Seq: seq } } };
}

/** Answers the first call with these bytes, whatever it is, and hangs up. */
function serveOnce(bytes: Uint8Array): (socket: Socket) => void {
  return (socket) =>
    socket.once('data', () => {
      socket.write(connected);
      socket.once('data', () => socket.end(bytes));
    });
}

async function listen(serve: (socket: Socket) => void) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => undefined));
    serve(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const stop = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    endpoint: { address: '127.0.0.1', port },
    stop,
    async [Symbol.asyncDispose]() {
      stop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
