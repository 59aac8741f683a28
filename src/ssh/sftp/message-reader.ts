import { replies } from './message.ts';

/** A message without its length. */
export interface Message {
  readonly type: number;
  /** What follows the type; the bytes of a file are not there, but in their place. */
  readonly body: Buffer;
}

/** What takes the messages of a connection. */
export interface MessageTaker {
  onMessage(message: Message): void;
  /** Where the bytes of a file go that answer the request of this number; nothing if none were asked for. */
  placeFor(id: number): Buffer | undefined;
}

/** No SFTP server sends more; a shell that prints a greeting seems to. */
const longestMessage = 1024 * 1024;

/** Type, number of the request and length of the bytes. */
const dataHeadLength = 9;

/** Bytes that are still to come, and what they are good for: the next ones are known then. */
interface Gap {
  readonly bytes: Buffer;
  fill(bytes: Buffer): Gap;
}

/**
 * Makes messages of the bytes of a connection, whichever way they are cut. What is returned takes the next bytes, keeps none
 * of them, and throws a `RangeError` for what cannot be a message. Bytes of a file are copied once and at once: buffers that
 * live longer cost the collector more than that.
 */
export function createMessageReader(taker: MessageTaker): (chunk: Buffer) => void {
  let gap = lengthOf(taker);
  let filled = 0;
  return (chunk) => {
    for (let at = 0; ; ) {
      const count = chunk.copy(gap.bytes, filled, at);
      at += count;
      filled += count;
      if (filled < gap.bytes.length) return;
      filled = 0;
      gap = gap.fill(gap.bytes);
    }
  };
}

function lengthOf(taker: MessageTaker): Gap {
  return {
    bytes: Buffer.allocUnsafe(4),
    fill(bytes) {
      const length = bytes.readUInt32BE();
      if (length < 1 || length > longestMessage) throw noMessage();
      return headOf(taker, length);
    },
  };
}

function headOf(taker: MessageTaker, length: number): Gap {
  return {
    bytes: Buffer.allocUnsafe(Math.min(length, dataHeadLength)),
    fill: (head) =>
      head[0] === replies.data && length >= dataHeadLength
        ? { bytes: placeOf(taker, head, length - dataHeadLength), fill: () => hand(taker, head) }
        : restOf(taker, head, length),
  };
}

function placeOf(taker: MessageTaker, head: Buffer, length: number): Buffer {
  const place = taker.placeFor(head.readUInt32BE(1));
  if (place === undefined || length > place.length || length !== head.readUInt32BE(5)) throw noMessage();
  return place.subarray(0, length);
}

function restOf(taker: MessageTaker, head: Buffer, length: number): Gap {
  const message = Buffer.allocUnsafe(length);
  return { bytes: message.subarray(head.copy(message)), fill: () => hand(taker, message) };
}

function hand(taker: MessageTaker, message: Buffer): Gap {
  taker.onMessage({ type: message.readUInt8(), body: message.subarray(1) });
  return lengthOf(taker);
}

function noMessage(): RangeError {
  return new RangeError('no SFTP message');
}
