import { TmachineError } from '../../errors/tmachine-error.ts';
import { orderTree, parentPath } from '../order-tree.ts';
import type { IsoFile } from './iso-file.ts';

/** A folder and the one it lies in (the root lies in itself). */
export interface IsoFolder {
  readonly node: IsoNode;
  readonly above: IsoNode;
  /** Place of `above` in the list of folders. */
  readonly aboveIndex: number;
}

/** A file or folder of the disc; places are filled in while the disc is laid out and written. */
export interface IsoNode {
  /** Name as Rock Ridge and the user know it. */
  readonly name: string;
  /** Upper-case name by the rules of ECMA-119, level 2. */
  readonly identifier: string;
  readonly file: IsoFile | undefined;
  /** In the order of their identifiers. */
  readonly children: IsoNode[];
  /** First sector. */
  sector: number;
  /** Length in bytes. */
  size: number;
}

/** 100 bytes leave room for every other field of a record. */
const longestName = 100;

/**
 * The root of the tree that these files make.
 * @throws TmachineError IMAGE_TREE_INVALID for names too long, given twice, or that differ only where ISO 9660 cannot tell.
 */
export function isoTree(files: readonly IsoFile[]): IsoNode {
  orderTree(files.map(({ path }) => ({ path, type: 'file', mode: 0, uid: 0, gid: 0, content: new Uint8Array(0) })));
  const root = createNode('', undefined);
  const folders = new Map<string, IsoNode>([['', root]]);
  for (const file of files) addChild(folderAt(parentPath(file.path), folders), createNode(file.path, file));
  for (const { children } of folders.values()) {
    children.sort((one, other) => (one.identifier < other.identifier ? -1 : 1));
  }
  return root;
}

/** Every folder, level by level, as the path table lists them (ECMA-119 6.9.1). */
export function isoFolders(root: IsoNode): IsoFolder[] {
  const folders: IsoFolder[] = [{ node: root, above: root, aboveIndex: 0 }];
  for (const [aboveIndex, { node: above }] of folders.entries()) {
    for (const node of above.children) if (node.file === undefined) folders.push({ node, above, aboveIndex });
  }
  return folders;
}

/** The nodes of the files, in the order of the files. */
export function isoFiles(folders: readonly IsoFolder[], files: readonly IsoFile[]): IsoNode[] {
  const nodes = new Map(folders.flatMap(({ node }) => node.children.map((child) => [child.file, child] as const)));
  return files.flatMap((file) => nodes.get(file) ?? []);
}

function folderAt(path: string, folders: Map<string, IsoNode>): IsoNode {
  const known = folders.get(path);
  if (known !== undefined) return known;
  const folder = createNode(path, undefined);
  addChild(folderAt(parentPath(path), folders), folder);
  folders.set(path, folder);
  return folder;
}

function addChild(folder: IsoNode, child: IsoNode): void {
  const same = folder.children.find((other) => other.identifier === child.identifier);
  if (same !== undefined) throw invalid(child.name, `on ISO 9660 its name is the same as that of "${same.name}"`);
  folder.children.push(child);
}

function createNode(path: string, file: IsoFile | undefined): IsoNode {
  const name = path.slice(path.lastIndexOf('/') + 1);
  if (Buffer.byteLength(name) > longestName) throw invalid(name, `its name is longer than ${longestName} bytes`);
  const identifier = file === undefined ? folderIdentifier(name) : fileIdentifier(name);
  return { name, identifier, file, children: [], sector: 0, size: 0 };
}

function folderIdentifier(name: string): string {
  return allowed(name).slice(0, 31);
}

function fileIdentifier(name: string): string {
  const dot = name.lastIndexOf('.');
  const stem = allowed(dot < 0 ? name : name.slice(0, dot));
  const extension = dot < 0 ? '' : allowed(name.slice(dot + 1)).slice(0, 20);
  return `${stem.slice(0, 30 - extension.length)}.${extension};1`;
}

function allowed(name: string): string {
  return name.toUpperCase().replace(/[^A-Z0-9_]/g, '_');
}

function invalid(name: string, reason: string): TmachineError {
  return new TmachineError(`Cannot put "${name}" on the disc: ${reason}`, { code: 'IMAGE_TREE_INVALID' });
}
