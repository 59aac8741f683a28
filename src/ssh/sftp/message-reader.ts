import { replies } from './message.ts';

/** A message without its length. Bytes of a file stay in the pieces they came in, because copying them costs time. */
export interface Message {
  readonly type: number;
  /** What follows the type, file bytes excepted. */
  readonly body: Buffer;
  readonly data: readonly Buffer[];
}

/** No SFTP server sends more; a shell that prints a greeting seems to. */
const longestMessage = 1024 * 1024;

/** Type, number of the request and length of the bytes. */
const dataHeadLength = 9;

/**
 * Makes messages of the bytes of a connection, whichever way they are cut. What is returned takes the next bytes and throws
 * a `RangeError` for what cannot be a message.
 */
export function createMessageReader(onMessage: (message: Message) => void): (chunk: Buffer) => void {
  const queue = createQueue();
  let length: number | undefined;
  return (chunk) => {
    queue.add(chunk);
    for (;;) {
      if (length === undefined && queue.size() >= 4) length = Buffer.concat(queue.take(4)).readUInt32BE();
      if (length !== undefined && (length < 1 || length > longestMessage)) throw new RangeError('no SFTP message');
      if (length === undefined || queue.size() < length) return;
      const message = splitMessage(queue, length);
      length = undefined;
      onMessage(message);
    }
  };
}

function splitMessage(queue: Queue, length: number): Message {
  const isData = queue.first() === replies.data && length >= dataHeadLength;
  const head = Buffer.concat(queue.take(isData ? dataHeadLength : length));
  return {
    type: head.readUInt8(),
    body: head.subarray(1),
    data: isData ? queue.take(length - dataHeadLength) : [],
  };
}

interface Queue {
  add(chunk: Buffer): void;
  size(): number;
  first(): number | undefined;
  take(length: number): readonly Buffer[];
}

function createQueue(): Queue {
  const chunks: Buffer[] = [];
  let size = 0;
  return {
    add(chunk) {
      if (chunk.length > 0) chunks.push(chunk);
      size += chunk.length;
    },
    size: () => size,
    first: () => chunks[0]?.[0],
    take(length) {
      const taken: Buffer[] = [];
      let missing = length;
      for (let chunk = chunks[0]; missing > 0 && chunk !== undefined; chunk = chunks[0]) {
        const part = chunk.length <= missing ? chunk : chunk.subarray(0, missing);
        taken.push(part);
        missing -= part.length;
        if (part.length === chunk.length) chunks.shift();
        else chunks[0] = chunk.subarray(part.length);
      }
      size -= length - missing;
      return taken;
    },
  };
}
