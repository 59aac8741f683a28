import type { FileHandle } from 'node:fs/promises';

/** Takes bytes at positions of its own choosing; position 0 is the start of the part it stands for. */
export interface ByteSink {
  write(bytes: Uint8Array, position: number): Promise<void>;
}

/** A sink that writes to an open file, `offset` bytes after its start. */
export function fileSink(file: FileHandle, offset = 0): ByteSink {
  return {
    async write(bytes, position) {
      let done = 0;
      while (done < bytes.length) {
        const { bytesWritten } = await file.write(bytes, done, bytes.length - done, offset + position + done);
        done += bytesWritten;
      }
    },
  };
}

/** The part of a sink that begins `offset` bytes after its start. */
export function sinkFrom(sink: ByteSink, offset: number): ByteSink {
  return { write: (bytes, position) => sink.write(bytes, offset + position) };
}
