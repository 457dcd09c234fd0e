import type { LayerEntry } from '../../api/image-layers.js';
import { type Content, FileTree, parentOf, subtree, type TreeNode } from './file-tree.js';

export interface Change {
  readonly kind: 'added' | 'changed' | 'deleted';
  /** A byte string. */
  readonly path: string;
  /** Of what is there now; of what was there for "deleted". */
  readonly size: number;
}

/**
 * Puts the layers of an image upon each other and notes what each does to those below it. Directories count when
 * they are new or have another mode or owner; a directory that stands in a layer only because of what is in it does
 * not.
 */
export class LayerWalk {
  readonly layers: { readonly size: number; readonly changes: readonly Change[] }[] = [];
  /** Bytes that no name leads to any more, and the layer that took the last one. */
  readonly waste: { readonly content: Content; readonly by: number }[] = [];
  readonly #tree = new FileTree();
  /** Of the present layer: what each path was before it, and what it did. */
  #before = new Map<string, { readonly size: number } | undefined>();
  #made = new Set<string>();

  layer(entries: readonly LayerEntry[]): void {
    this.#before = new Map();
    this.#made = new Set();
    for (const entry of entries) this.#apply({ ...entry, path: cleanPath(entry.path) });
    const changes = this.#changes();
    const size = [...this.#made].reduce((total, path) => total + this.#ownSize(path), 0);
    this.layers.push({ size, changes });
  }

  get #index(): number {
    return this.layers.length;
  }

  #apply(entry: LayerEntry): void {
    const name = entry.path.slice(entry.path.lastIndexOf('/') + 1);
    if (name === opaqueMarker) this.#hideBelow(parentOf(entry.path));
    else if (name.startsWith(`${whiteout}${whiteout}`))
      return; // aufs' own
    else if (name.startsWith(whiteout)) this.#hide(`${prefixOf(entry.path)}${name.slice(whiteout.length)}`);
    else if (entry.path !== '') this.#put(entry);
  }

  #put(entry: LayerEntry): void {
    const { path } = entry;
    const there = this.#tree.find(path);
    if (there && isSameDirectory(there.entry, entry)) {
      this.#made.add(path);
      return;
    }
    if (there) this.#note(path, there);
    else this.#before.set(path, this.#before.get(path));
    if (there && there.entry.type === 'directory' && entry.type === 'directory') there.entry = entry;
    else {
      if (there) this.#drop(path);
      this.#tree.put(path, entry, this.#contentOf(entry));
    }
    this.#made.add(path);
  }

  #contentOf(entry: LayerEntry): Content | undefined {
    if (entry.type === 'hard-link') return this.#tree.find(cleanPath(entry.link ?? ''))?.content;
    if (entry.type !== 'file') return undefined;
    return { layer: this.#index, path: entry.path, size: entry.size, names: 0 };
  }

  /** What this layer has made itself stays: whiteouts speak of the layers below. */
  #hide(path: string): void {
    if (this.#made.has(path)) this.#hideBelow(path);
    else this.#drop(path);
  }

  #hideBelow(path: string): void {
    const node = this.#tree.find(path);
    for (const name of [...(node?.children.keys() ?? [])]) this.#hide(path === '' ? name : `${path}/${name}`);
  }

  #drop(path: string): void {
    const gone = this.#tree.remove(path);
    if (!gone) return;
    for (const [each, node] of subtree(gone, path)) {
      this.#note(each, node);
      this.#made.delete(each);
      const { content } = node;
      if (!content || --content.names > 0) continue;
      if (content.size > 0 && content.layer < this.#index) this.waste.push({ content, by: this.#index });
    }
  }

  #note(path: string, node: TreeNode): void {
    if (this.#before.has(path)) return;
    this.#before.set(path, { size: node.content?.size ?? 0 });
  }

  #changes(): Change[] {
    const changes: Change[] = [];
    for (const [path, before] of this.#before) {
      const now = this.#tree.find(path);
      const size = this.#ownSize(path);
      if (now) changes.push({ kind: before ? 'changed' : 'added', path, size });
      else if (before) changes.push({ kind: 'deleted', path, size: before.size });
    }
    return changes.sort((a, b) => (a.path < b.path ? -1 : 1));
  }

  /** Further names of a file cost nothing. */
  #ownSize(path: string): number {
    const content = this.#tree.find(path)?.content;
    return content?.path === path && content.layer === this.#index ? content.size : 0;
  }
}

const whiteout = '.wh.';
const opaqueMarker = '.wh..wh..opq';

function isSameDirectory(a: LayerEntry, b: LayerEntry): boolean {
  const are = a.type === 'directory' && b.type === 'directory';
  return are && a.mode === b.mode && a.uid === b.uid && a.gid === b.gid;
}

function prefixOf(path: string): string {
  const parent = parentOf(path);
  return parent === '' ? '' : `${parent}/`;
}

function cleanPath(path: string): string {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}
