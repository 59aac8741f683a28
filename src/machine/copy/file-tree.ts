/** What a copy must know of a file, links followed. */
export interface FileInfo {
  readonly kind: 'file' | 'folder' | 'other';
  readonly size: number;
  /** The nine bits of permissions. */
  readonly mode: number;
}

/** One entry of a folder. */
export interface TreeEntry {
  readonly name: string;
  /** Missing for a link that leads nowhere. */
  readonly info: FileInfo | undefined;
  readonly isLink: boolean;
}

/** A file that is read. */
export interface SourceFile {
  /** Fills `into` and resolves with the number of bytes, which is less than its length only at the end of the file. */
  read(position: number, into: Buffer): Promise<number>;
  close(): Promise<void>;
}

/** A file that is written; it has its name once it is kept. */
export interface TargetFile {
  write(position: number, bytes: Uint8Array): Promise<void>;
  /** Gives it the mode it must have and its name. */
  keep(): Promise<void>;
  /** Removes what is there of it, if it is not kept. */
  discard(): Promise<void>;
}

/** The files of one place. Each verb throws a TmachineError that names place, path, reason and remedy. */
export interface FileTree {
  /** What stands before a path in messages: `dev:`, or nothing for this computer. */
  readonly place: string;
  /** The most bytes that one read or write should carry. */
  readonly chunkBytes: number;
  /** Nothing when there is no such file. */
  info(path: string): Promise<FileInfo | undefined>;
  list(path: string): Promise<readonly TreeEntry[]>;
  realPath(path: string): Promise<string>;
  join(folder: string, name: string): string;
  /** @throws TmachineError `NAME_IMPOSSIBLE` for a name that no file of this place can have. */
  checkName(name: string): void;
  openSource(path: string): Promise<SourceFile>;
  /** A new file gets `mode`; one that exists keeps mode and owner. */
  openTarget(path: string, mode: number): Promise<TargetFile>;
  makeFolder(path: string): Promise<void>;
  setMode(path: string, mode: number): Promise<void>;
}

/** Bits of permissions, without set-user-ID and its like, which no copy keeps. */
export const permissionBits = 0o777;
