import { createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { PluginClient } from '../../drivers/plugin/client.ts';
import { GobEncoder } from '../../drivers/plugin/gob/gob-encoder.ts';
import type { TypedValue } from '../../drivers/plugin/gob/gob-value.ts';
import { basic, type WireType } from '../../drivers/plugin/gob/wire-type.ts';
import { network } from '../support/plugin-process.ts';

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
