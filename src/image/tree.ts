/** One entry of a file system to be written. `path` is relative, `/`-separated, without a leading `/` or `./`. */
export type TreeEntry = {
  readonly path: string;
  /** Permission bits, set-id bits included. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
} & (
  | { readonly type: 'directory' }
  | { readonly type: 'file'; readonly content: Uint8Array }
  | { readonly type: 'symlink'; readonly target: string }
  | { readonly type: 'device'; readonly kind: 'character' | 'block'; readonly major: number; readonly minor: number }
);
