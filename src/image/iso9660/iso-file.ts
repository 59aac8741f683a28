import type { ByteSink } from '../byte-sink.ts';

/** A file of the disc. */
export interface IsoFile {
  /** Relative, `/`-separated; folders are made as needed. */
  readonly path: string;
  /** Permission bits; 644 when missing. */
  readonly mode?: number;
  readonly source: IsoSource;
}

/** Where the content of a file comes from: memory, a file of this computer, or a writer that puts it in place itself. */
type IsoSource =
  | { readonly content: Uint8Array }
  | { readonly file: string }
  | { readonly write: (sink: ByteSink) => Promise<{ readonly bytes: number }> };
