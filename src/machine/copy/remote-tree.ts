import { randomBytes } from 'node:crypto';
import { posix } from 'node:path';
import { TmachineError } from '../../errors/tmachine-error.ts';
import type { FileAttributes, RemoteEntry } from '../../ssh/sftp/message.ts';
import type { Sftp, SftpHandle } from '../../ssh/sftp/sftp.ts';
import { isRefusal, statuses } from '../../ssh/sftp/status.ts';
import { type FileAction, fileFailure, formatPath } from './failures.ts';
import {
  type FileInfo,
  type FileTree,
  permissionBits,
  type SourceFile,
  type TargetFile,
  type TreeEntry,
} from './file-tree.ts';

/** The files of a guest; `place` is what stands before its paths in messages. */
export function openRemoteTree(sftp: Sftp, place: string): FileTree {
  const explained: Explained = async (verb, path, work) => {
    try {
      return await work();
    } catch (error) {
      const isFull = verb === 'write' && isRefusal(error, statuses.failure) && (await hasNoRoom(sftp, path));
      throw fileFailure({ verb, place, path }, error, isFull ? 'full' : undefined);
    }
  };
  const context = { place, sftp, explained };
  return {
    place,
    chunkBytes: Math.min(sftp.largest.read, sftp.largest.write),
    info: async (path) => await explained('read', path, async () => infoOf(await sftp.stat(path))),
    list: async (path) =>
      await explained('list', path, async () => {
        const entries = await sftp.list(path);
        return await Promise.all(entries.map(async (entry) => await entryOf(sftp, path, entry, place)));
      }),
    realPath: async (path) => await explained('read', path, async () => await sftp.realPath(path)),
    join: posix.join,
    checkName: () => undefined,
    openSource: async (path) =>
      await explained('read', path, async () => sourceOf(path, await sftp.openToRead(path), context)),
    openTarget: async (path, mode) => await explained('write', path, async () => await openTarget(path, mode, context)),
    makeFolder: async (path) => await explained('make', path, async () => await sftp.makeFolder(path, 0o700)),
    setMode: async (path, mode) => await explained('write', path, async () => await sftp.setMode(path, mode)),
  };
}

type Explained = <T>(verb: FileAction['verb'], path: string, work: () => Promise<T>) => Promise<T>;

interface TreeContext {
  readonly place: string;
  readonly sftp: Sftp;
  readonly explained: Explained;
}

/** OpenSSH says no more than "failure" of a full disk. */
async function hasNoRoom(sftp: Sftp, path: string): Promise<boolean> {
  const free = await sftp.freeBytes(posix.dirname(path)).catch(() => undefined);
  return free !== undefined && free < sftp.largest.write;
}

const kinds = { mask: 0o170000, folder: 0o040000, file: 0o100000, link: 0o120000 };

function infoOf(attributes: FileAttributes | undefined): FileInfo | undefined {
  if (attributes === undefined) return undefined;
  const { size = 0, mode = kinds.file | 0o644 } = attributes;
  const kind = (mode & kinds.mask) === kinds.folder ? 'folder' : (mode & kinds.mask) === kinds.file ? 'file' : 'other';
  return { kind, size, mode: mode & permissionBits };
}

async function entryOf(sftp: Sftp, folder: string, entry: RemoteEntry, place: string): Promise<TreeEntry> {
  const name = entry.name.toString();
  const path = posix.join(folder, name);
  // A server that is not honest could otherwise name files outside of the folder.
  if (name === '' || name === '.' || name === '..' || name.includes('/') || !Buffer.from(name).equals(entry.name))
    throw new TmachineError(`Cannot copy ${formatPath(place, path)}: this name is not UTF-8, or no name of a file`, {
      code: 'NAME_IMPOSSIBLE',
      hint: 'rename it in the machine, or pack it with tar there',
    });
  const { mode } = entry.attributes;
  const isLink = mode === undefined || (mode & kinds.mask) === kinds.link;
  return { name, isLink, info: infoOf(isLink ? await statOrNothing(sftp, path) : entry.attributes) };
}

/** A link that leads nowhere, or in a circle, is one that cannot be followed. */
async function statOrNothing(sftp: Sftp, path: string): Promise<FileAttributes | undefined> {
  return await sftp.stat(path).catch((error: unknown) => {
    if (isRefusal(error, statuses.failure)) return undefined;
    throw error;
  });
}

function sourceOf(path: string, handle: SftpHandle, { sftp, explained }: TreeContext): SourceFile {
  return {
    read: async (position, into) =>
      await explained('read', path, async () => {
        let done = 0;
        // A server may give less than it was asked for.
        while (done < into.length) {
          const count = await sftp.read(handle, position + done, into.subarray(done));
          if (count === 0) break;
          done += count;
        }
        return done;
      }),
    close: () => sftp.close(handle),
  };
}

/** The new bytes get the name when all are there; what cannot be replaced is written in place. */
async function openTarget(path: string, mode: number, context: TreeContext): Promise<TargetFile> {
  const { sftp, explained, place } = context;
  const old = await sftp.stat(path);
  if (infoOf(old)?.kind === 'folder') throw fileFailure({ verb: 'write', place, path }, undefined, 'folder');
  if (old !== undefined && infoOf(old)?.kind !== 'file') return await writeInPlace(path, context);
  const real = old === undefined ? path : await sftp.realPath(path);
  const temporary = posix.join(posix.dirname(real), `.${randomBytes(6).toString('hex')}.part`);
  let handle: SftpHandle;
  try {
    handle = await sftp.openNew(temporary);
  } catch (error) {
    if (old !== undefined && isRefusal(error, statuses.permissionDenied)) return await writeInPlace(path, context);
    throw error;
  }
  try {
    if (old !== undefined) await takeOwner(sftp, handle, old);
  } catch {
    await sftp.close(handle);
    await sftp.remove(temporary);
    return await writeInPlace(path, context);
  }
  return {
    write: async (position, bytes) => await explained('write', path, () => sftp.write(handle, position, bytes)),
    keep: async () =>
      await explained('write', path, async () => {
        await sftp.setAttributesOf(handle, { mode: (old?.mode ?? mode) & permissionBits });
        await sftp.close(handle);
        await sftp.rename(temporary, real);
      }),
    discard: async () => {
      await sftp.close(handle).catch(() => undefined);
      await sftp.remove(temporary).catch(() => undefined);
    },
  };
}

async function takeOwner(sftp: Sftp, handle: SftpHandle, old: FileAttributes): Promise<void> {
  const own = await sftp.attributesOf(handle);
  const { user, group } = old;
  if (user === undefined || group === undefined || (own.user === user && own.group === group)) return;
  await sftp.setAttributesOf(handle, { user, group });
}

async function writeInPlace(path: string, { sftp, explained }: TreeContext): Promise<TargetFile> {
  const handle = await sftp.openToReplace(path);
  return {
    write: async (position, bytes) => await explained('write', path, () => sftp.write(handle, position, bytes)),
    keep: async () => await explained('write', path, () => sftp.close(handle)),
    discard: async () => await sftp.close(handle).catch(() => undefined),
  };
}
