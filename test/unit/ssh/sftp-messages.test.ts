import { randomBytes } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { describe, expect, test } from 'vitest';
import { formatAttributes, formatHead, parseAttributes, replies } from '../../../src/ssh/sftp/message.ts';
import { createMessageReader, type Message } from '../../../src/ssh/sftp/message-reader.ts';
import { openSession } from '../../../src/ssh/sftp/session.ts';
import { readWire, wireString, wireUint32 } from '../../../src/ssh/wire.ts';

const bytes = randomBytes(1000);
const stream = Buffer.concat([
  formatHead(replies.status, 7, [wireUint32(0)]),
  formatHead(replies.data, 8, [wireString(bytes)]),
  formatHead(replies.data, 9, [wireString('')]),
  formatHead(replies.handle, 10, [wireString('handle')]),
]);

const places = { 8: Buffer.alloc(1000), 9: Buffer.alloc(0) } as Record<number, Buffer>;

function read(chunks: readonly Buffer[]): readonly Message[] {
  const messages: Message[] = [];
  const take = createMessageReader({
    placeFor: (id) => places[id],
    onMessage: (message) => void messages.push(message),
  });
  for (const chunk of chunks) take(chunk);
  return messages;
}

describe('createMessageReader()', () => {
  test.each([1, 2, 3, 5, 13, 64, 999, 5000])('reads the same from pieces of %d bytes', (size) => {
    const pieces = Array.from({ length: Math.ceil(stream.length / size) }, (_, index) =>
      stream.subarray(index * size, (index + 1) * size),
    );
    places[8]?.fill(0);
    const messages = read(pieces);
    expect(messages.map(({ type, body }) => [type, body.readUInt32BE()])).toEqual([
      [replies.status, 7],
      [replies.data, 8],
      [replies.data, 9],
      [replies.handle, 10],
    ]);
    expect(messages[1]?.body.readUInt32BE(4)).toBe(1000);
    expect(places[8]).toEqual(bytes);
    expect(messages[2]?.body.readUInt32BE(4)).toBe(0);
  });

  test.each([
    ['nobody asked for', formatHead(replies.data, 7, [wireString('x')])],
    ['are more than were asked for', formatHead(replies.data, 8, [wireString(randomBytes(1001))])],
    ['are fewer than the message says', formatHead(replies.data, 8, [wireUint32(6), Buffer.from('short')])],
  ])('takes no bytes of a file that %s', (_, message) => {
    expect(() => read([message])).toThrow(RangeError);
  });

  test.each(['Welcome to this machine!\n', '\0\0\0\0more'])('takes no other words for messages: %j', (words) => {
    expect(() => read([Buffer.from(words)])).toThrow(RangeError);
  });
});

test('attributes with everything that version 3 knows are read', () => {
  const times = [wireUint32(1), wireUint32(2)];
  const extended = [wireUint32(1), wireString('name'), wireString('value')];
  const owner = [wireUint32(1000), wireUint32(50)];
  const size = [wireUint32(1), wireUint32(5)];
  const flags = wireUint32(0x8000000f);
  const all = Buffer.concat([
    flags,
    ...size,
    ...owner,
    wireUint32(0o100640),
    ...times,
    ...extended,
    wireString('next'),
  ]);
  const reader = readWire(all);
  expect(parseAttributes(reader)).toEqual({ size: 2 ** 32 + 5, user: 1000, group: 50, mode: 0o100640 });
  expect(reader.string().toString()).toBe('next');
});

test('attributes are written as they are read', () => {
  const attributes = { mode: 0o755, user: 0, group: 5 };
  expect(parseAttributes(readWire(formatAttributes(attributes)))).toEqual(attributes);
  expect(parseAttributes(readWire(formatAttributes({})))).toEqual({});
});

describe('openSession() says what is wrong with a server that', () => {
  test('is none, but a shell with a greeting', async () => {
    const opening = openSession(async ({ stdout }, signal) => {
      stdout.write('Welcome to this machine!\n');
      return await new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    await expect(opening).rejects.toMatchObject({ code: 'SFTP_GARBLED', hint: expect.stringContaining('start-up') });
  });

  test('ends before it has greeted', async () => {
    const opening = openSession(async ({ stderr }) => {
      stderr.write('sh: sftp-server: not found\n');
      return 127;
    });
    await expect(opening).rejects.toMatchObject({ code: 'SFTP_MISSING' });
    await expect(opening).rejects.toThrow('sh: sftp-server: not found');
  });

  test('ends while it is asked', async () => {
    let end = (_status: number): void => undefined;
    const session = await openSession(async ({ stdout }) => {
      await setImmediate();
      stdout.write(formatHead(replies.version, 3, []));
      return await new Promise((resolve) => {
        end = resolve;
      });
    });
    const asked = session.ask({ type: 17, body: [wireString('x')] });
    end(1);
    await expect(asked).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
    await expect(session.ask({ type: 17, body: [] })).rejects.toMatchObject({ code: 'SSH_CONNECTION_LOST' });
  });
});
