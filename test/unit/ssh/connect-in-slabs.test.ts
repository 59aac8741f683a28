import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { connectInSlabs } from '../../../src/ssh/connect-in-slabs.ts';

const sent = randomBytes(9 * 1024 * 1024);
const server = createServer((peer) => void peer.on('error', () => undefined).end(sent));

afterEach(async () => {
  server.close();
  await once(server, 'close');
});

async function connectToServer(): Promise<Socket> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return connectInSlabs({ host: '127.0.0.1', port: (server.address() as AddressInfo).port });
}

test('chunks stay as they were, over the end of slabs, and none comes while the socket is paused', async () => {
  const socket = await connectToServer();
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  await once(socket, 'data');
  socket.pause();
  // What was read already may be put back, as the greeting of a server is.
  const before = Buffer.concat(chunks.splice(0));
  socket.unshift(before);
  await sleep(50);
  expect(chunks).toEqual([]);
  socket.resume();
  await once(socket, 'end');
  expect(Buffer.concat(chunks).equals(sent)).toBe(true);
});
