import type { LayerEntry } from '../../api/image-layers.js';

/** Bytes that a layer brought; several names may lead to them. */
export interface Content {
  /** Of the image, the lowest is 0. */
  readonly layer: number;
  /** The name that it came with. */
  readonly path: string;
  readonly size: number;
  names: number;
}

export interface TreeNode {
  entry: LayerEntry;
  content: Content | undefined;
  readonly children: Map<string, TreeNode>;
}

/** The files of an image up to some layer, by name. */
export class FileTree {
  readonly root: TreeNode = { entry: directory(''), content: undefined, children: new Map() };

  find(path: string): TreeNode | undefined {
    let node: TreeNode | undefined = this.root;
    for (const name of parts(path)) node = node?.children.get(name);
    return node;
  }

  /** Makes the directories on the way. */
  put(path: string, entry: LayerEntry, content: Content | undefined): TreeNode {
    let node = this.root;
    for (const name of parts(path)) {
      let next = node.children.get(name);
      if (!next) {
        next = { entry: directory(name), content: undefined, children: new Map() };
        node.children.set(name, next);
      }
      node = next;
    }
    node.entry = entry;
    node.content = content;
    if (content) content.names++;
    return node;
  }

  /** Answers what is gone; nothing for a path that is not there. */
  remove(path: string): TreeNode | undefined {
    const parent = this.find(parentOf(path));
    const name = path.slice(path.lastIndexOf('/') + 1);
    const node = parent?.children.get(name);
    parent?.children.delete(name);
    return node;
  }
}

/** A node and all below it, with their paths. */
export function* subtree(node: TreeNode, path: string): Generator<readonly [string, TreeNode]> {
  yield [path, node];
  for (const [name, child] of node.children) yield* subtree(child, path === '' ? name : `${path}/${name}`);
}

export function parentOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

function parts(path: string): string[] {
  return path === '' ? [] : path.split('/');
}

function directory(path: string): LayerEntry {
  return { path, type: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0 };
}
