import { open } from 'node:fs/promises';
import { isSystemError, TmachineError } from '../errors/tmachine-error.ts';

/** What an ISO 9660 image says about itself. */
export interface IsoHeader {
  readonly volumeName: string;
  /** Bytes the image has when it is complete. */
  readonly size: number;
}

/**
 * Reads the primary volume descriptor (ECMA-119, 8.4), or nothing when the file is no ISO 9660 image.
 *
 * @throws TmachineError `IMAGE_MISSING` when there is no such file.
 */
export async function readIsoHeader(path: string): Promise<IsoHeader | undefined> {
  const file = await open(path).catch((cause: unknown) => {
    if (!isSystemError(cause, 'ENOENT')) throw cause;
    throw new TmachineError(`Cannot find the image "${path}"`, {
      code: 'IMAGE_MISSING',
      hint: 'tmachine image ls shows the images there are',
      cause,
    });
  });
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(2048), 0, 2048, 16 * 2048);
    return parseIsoHeader(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

/** Reads a primary volume descriptor of 2048 bytes. */
function parseIsoHeader(descriptor: Buffer): IsoHeader | undefined {
  if (descriptor.length < 2048 || descriptor.toString('latin1', 0, 6) !== '\x01CD001') return undefined;
  const volumeName = descriptor.toString('latin1', 40, 72).replace(/[ \0]+$/, '');
  return { volumeName, size: descriptor.readUInt32LE(80) * descriptor.readUInt16LE(128) };
}
