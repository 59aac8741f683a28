import { randomBytes } from 'node:crypto';
import type { Stats } from 'node:fs';
import { chmod, type FileHandle, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { isSystemError, TmachineError } from '../../errors/tmachine-error.ts';
import { type FileAction, fileFailure, formatPath } from './failures.ts';
import { type FileInfo, type FileTree, permissionBits, type SourceFile, type TargetFile } from './file-tree.ts';

/** The files of this computer; paths are absolute or start from `cwd`. */
export function openLocalTree(platform: NodeJS.Platform): FileTree {
  return {
    place: '',
    chunkBytes: 255 * 1024,
    info: async (path) => await explained('read', path, async () => await infoOf(path, platform)),
    list: async (path) =>
      await explained('list', path, async () => {
        const entries = await readdir(path, { withFileTypes: true });
        return await Promise.all(
          entries.map(async (entry) => ({
            name: entry.name,
            isLink: entry.isSymbolicLink(),
            info: await infoOf(join(path, entry.name), platform).catch(linkToNowhere),
          })),
        );
      }),
    realPath: async (path) => await explained('read', path, async () => await realpath(path)),
    join,
    checkName: (name) => checkName(name, platform),
    openSource: async (path) => await explained('read', path, async () => sourceOf(path, await open(path, 'r'))),
    openTarget: async (path, mode) => await explained('write', path, async () => await openTarget(path, mode)),
    makeFolder: async (path) => await explained('make', path, async () => await mkdir(path, { mode: 0o700 })),
    setMode: async (path, mode) => await explained('write', path, async () => await chmod(path, mode)),
  };
}

async function explained<T>(verb: FileAction['verb'], path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw fileFailure({ verb, place: '', path }, error);
  }
}

async function infoOf(path: string, platform: NodeJS.Platform): Promise<FileInfo | undefined> {
  const found = await statIfExists(path);
  if (found === undefined) return undefined;
  const kind = found.isFile() ? 'file' : found.isDirectory() ? 'folder' : 'other';
  // Windows knows only whether a file may be written, and says so for everybody.
  const mode = platform === 'win32' ? (kind === 'folder' ? 0o755 : found.mode & 0o200 ? 0o644 : 0o444) : found.mode;
  return { kind, size: found.size, mode: mode & permissionBits };
}

function linkToNowhere(error: unknown): undefined {
  if (!isSystemError(error, 'ELOOP')) throw error;
}

async function statIfExists(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (isSystemError(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** What a guest calls its files must stay one file in one folder here. */
function checkName(name: string, platform: NodeJS.Platform): void {
  const isImpossible = platform === 'win32' ? /[<>:"/\\|?*\p{Cc}]|[. ]$/u.test(name) : /[/\0]/.test(name);
  if (!isImpossible) return;
  throw new TmachineError(`No file of this computer can be called ${formatPath('', name)}`, {
    code: 'NAME_IMPOSSIBLE',
    hint: 'rename it in the machine, or pack it with tar there',
  });
}

function sourceOf(path: string, file: FileHandle): SourceFile {
  return {
    read: async (position, into) =>
      await explained('read', path, async () => {
        let done = 0;
        while (done < into.length) {
          const { bytesRead } = await file.read(into, done, into.length - done, position + done);
          if (bytesRead === 0) break;
          done += bytesRead;
        }
        return done;
      }),
    close: () => file.close(),
  };
}

/** The new bytes get the name when all are there; what cannot be replaced is written in place. */
async function openTarget(path: string, mode: number): Promise<TargetFile> {
  const old = await statIfExists(path);
  if (old !== undefined && !old.isFile()) return await writeInPlace(path);
  const real = old === undefined ? path : await realpath(path);
  const temporary = join(dirname(real), `.${randomBytes(6).toString('hex')}.part`);
  let file: FileHandle;
  try {
    file = await open(temporary, 'wx', 0o600);
  } catch (error) {
    if (old !== undefined && (isSystemError(error, 'EACCES') || isSystemError(error, 'EPERM')))
      return await writeInPlace(path);
    throw error;
  }
  try {
    if (old !== undefined) await takeOwner(file, old);
  } catch {
    await file.close();
    await rm(temporary, { force: true });
    return await writeInPlace(path);
  }
  return {
    write: async (position, bytes) => await explained('write', path, () => writeAll(file, position, bytes)),
    keep: async () =>
      await explained('write', path, async () => {
        await file.chmod(old === undefined ? mode : old.mode & permissionBits);
        await file.close();
        await rename(temporary, join(dirname(real), basename(real)));
      }),
    discard: async () => {
      await file.close().catch(() => undefined);
      await rm(temporary, { force: true });
    },
  };
}

async function takeOwner(file: FileHandle, old: Stats): Promise<void> {
  const own = await file.stat();
  if (own.uid !== old.uid || own.gid !== old.gid) await file.chown(old.uid, old.gid);
}

async function writeInPlace(path: string): Promise<TargetFile> {
  const file = await open(path, 'w');
  return {
    write: async (position, bytes) => await explained('write', path, () => writeAll(file, position, bytes)),
    keep: async () => await explained('write', path, async () => await file.close()),
    discard: async () => await file.close().catch(() => undefined),
  };
}

/** A disk that is nearly full takes a part; the rest then says why. */
async function writeAll(file: FileHandle, position: number, bytes: Uint8Array): Promise<void> {
  let done = 0;
  while (done < bytes.length)
    done += (await file.write(bytes, done, bytes.length - done, position + done)).bytesWritten;
}
