import { orderTree, parentPath } from '../order-tree.ts';
import type { TreeEntry } from '../tree.ts';

/** An entry in its place in the tree. */
export interface TreeNode {
  readonly entry: TreeEntry;
  /** Last part of the path. */
  readonly name: string;
  /** Inode number, from 1. */
  readonly number: number;
  /** In the order of their names' bytes. */
  readonly children: readonly TreeNode[];
}

interface OpenNode extends TreeNode {
  number: number;
  children: OpenNode[];
}

/**
 * The root of the tree that these entries make; the numbers of siblings are consecutive.
 * @throws TmachineError IMAGE_TREE_INVALID as `orderTree` does.
 */
export function folderTree(entries: readonly TreeEntry[]): TreeNode {
  const root = openNode({ path: '', type: 'directory', mode: 0o755, uid: 0, gid: 0 });
  const byPath = new Map<string, OpenNode>([['', root]]);
  for (const entry of orderTree(entries)) {
    const node = entry.path === '' ? Object.assign(root, { entry }) : openNode(entry);
    byPath.set(entry.path, node);
    if (node !== root) byPath.get(parentPath(entry.path))?.children.push(node);
  }
  for (const { children } of byPath.values()) children.sort(byNameBytes);
  numberNodes(root);
  return root;
}

function openNode(entry: TreeEntry): OpenNode {
  return { entry, name: entry.path.slice(entry.path.lastIndexOf('/') + 1), number: 0, children: [] };
}

function byNameBytes(one: TreeNode, other: TreeNode): number {
  return Buffer.compare(Buffer.from(one.name), Buffer.from(other.name));
}

function numberNodes(root: OpenNode): void {
  const nodes = [root];
  let number = 0;
  for (const node of nodes) {
    number += 1;
    node.number = number;
    nodes.push(...node.children);
  }
}

/** Every node, the root first, folders before what is in them. */
export function* walkTree(node: TreeNode): Generator<TreeNode> {
  yield node;
  for (const child of node.children) yield* walkTree(child);
}
