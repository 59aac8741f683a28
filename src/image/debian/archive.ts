import { open } from 'node:fs/promises';
import type { Header } from 'tar-stream';
import type { TreeEntry } from '../tree.ts';
import { type ArMember, listArMembers } from './ar.ts';
import type { Compression, Decompressor } from './decompress.ts';

/** The files of a package. */
export interface UnpackedPackage {
  readonly entries: readonly TreeEntry[];
  /** The latest modification time of any file, in milliseconds since the epoch. */
  readonly newestMs: number;
}

/** What to unpack, and with which threads. */
export interface UnpackOptions {
  readonly decompressor: Decompressor;
  /** Whether to take a file; its path is relative, as in `TreeEntry`. */
  readonly keep: (path: string) => boolean;
}

/**
 * Reads the files a `.deb` brings (deb(5)), those alone whose path `keep` accepts. A hard link becomes a file with the
 * content of its target. Nothing is written to this computer's disk.
 *
 * @throws SyntaxError for a file that is no Debian package.
 */
export async function unpackDeb(path: string, options: UnpackOptions): Promise<UnpackedPackage> {
  const { keep } = options;
  const [version, ...members] = await listMembers(path);
  const data = members.find(({ name }) => name.startsWith('data.tar'));
  if (version?.name !== 'debian-binary' || data === undefined) throw new SyntaxError('it is no Debian package');
  const compression = compressionOf(data.name);
  const openTar = (): AsyncIterable<Uint8Array> => options.decompressor.decompress({ ...data, path }, compression);
  const found = await readTar(openTar(), keep);
  const lost = new Set(found.links.map((link) => link.target).filter((target) => !found.files.has(target)));
  if (lost.size === 0) return finish(found, keep);
  return finish(await readTar(openTar(), (path) => lost.has(path) || keep(path)), keep);
}

interface TarContent {
  readonly entries: TreeEntry[];
  readonly files: Map<string, Extract<TreeEntry, { type: 'file' }>>;
  readonly links: { readonly path: string; readonly target: string }[];
  newestMs: number;
}

async function listMembers(path: string): Promise<readonly ArMember[]> {
  const file = await open(path);
  try {
    return await listArMembers(file);
  } finally {
    await file.close();
  }
}

function compressionOf(name: string): Compression {
  const ending = name.slice('data.tar'.length);
  if (ending === '' || ending === '.gz' || ending === '.xz' || ending === '.zst') return ending;
  throw new SyntaxError(`its files are compressed in a way we cannot read (${name})`);
}

async function readTar(tar: AsyncIterable<Uint8Array>, keep: (path: string) => boolean): Promise<TarContent> {
  const { extract } = await import('tar-stream');
  const { Readable } = await import('node:stream');
  const content: TarContent = { entries: [], files: new Map(), links: [], newestMs: 0 };
  const parser = extract();
  const source = Readable.from(tar);
  source.once('error', (error) => parser.destroy(error));
  source.pipe(parser);
  for await (const entry of parser) {
    const path = plainPath(entry.header.name);
    if (path === '' || !keep(path)) entry.resume();
    else add(content, { path, header: entry.header, bytes: await readAll(entry, entry.header.size ?? 0) });
  }
  return content;
}

async function readAll(chunks: AsyncIterable<unknown>, size: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(size);
  let done = 0;
  for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
    bytes.set(chunk, done);
    done += chunk.length;
  }
  return bytes;
}

interface Member {
  readonly path: string;
  readonly header: Header;
  readonly bytes: Uint8Array;
}

function add(content: TarContent, { path, header, bytes }: Member): void {
  const common = { path, mode: (header.mode ?? 0o644) & 0o7777, uid: header.uid ?? 0, gid: header.gid ?? 0 };
  content.newestMs = Math.max(content.newestMs, header.mtime?.getTime() ?? 0);
  switch (header.type) {
    case 'file':
    case 'contiguous-file': {
      const file = { ...common, type: 'file', content: bytes } as const;
      content.files.set(path, file);
      content.entries.push(file);
      return;
    }
    case 'link':
      content.links.push({ path, target: plainPath(header.linkname ?? '') });
      return;
    case 'symlink':
      content.entries.push({ ...common, type: 'symlink', target: header.linkname ?? '' });
      return;
    case 'directory':
      content.entries.push({ ...common, type: 'directory' });
      return;
    default:
      throw new SyntaxError(`it has a file of an unexpected kind ("${path}", ${header.type})`);
  }
}

function finish(content: TarContent, keep: (path: string) => boolean): UnpackedPackage {
  const linked = content.links.map(({ path, target }) => {
    const file = content.files.get(target);
    if (file === undefined) throw new SyntaxError(`its hard link "${path}" has no target`);
    return { ...file, path };
  });
  const entries = [...content.entries, ...linked].filter(({ path }) => keep(path));
  return { entries, newestMs: content.newestMs };
}

/** `./usr/bin/` → `usr/bin`; the root is the empty path. */
function plainPath(name: string): string {
  return name.replace(/^(\.?\/)+|\/+$/g, '').replace(/^\.$/, '');
}
