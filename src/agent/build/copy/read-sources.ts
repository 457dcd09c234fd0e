import { readdir } from 'node:fs/promises';
import { digestHex, digestOf } from '../../../shared/digest.js';
import { resolveInRoot } from '../../kernel/rooted-path.js';
import { copyFailed } from '../errors.js';
import { deepPattern, excludeMatcher, hasWildcards, pathPattern } from './patterns.js';
import { readItem, type SourceItem, type SourceTree } from './source-tree.js';

export interface ReadSourcesRequest {
  /** "COPY" or "ADD", for messages. */
  readonly instruction: string;
  /** As written, variables replaced. */
  readonly paths: readonly string[];
  readonly exclude: readonly string[];
  /** What is said where a path is not there. */
  readonly missing: string;
  readonly signal: AbortSignal;
}

/** What COPY's sources name in a tree, wildcards resolved. Throws BUILD_COPY_FAILED in Docker's words. */
export async function readSources(
  tree: SourceTree,
  request: ReadSourcesRequest,
): Promise<readonly SourceItem[]> {
  const items: SourceItem[] = [];
  for (const given of request.paths) {
    const pivot = cleanSource(given.slice(0, Math.max(0, given.indexOf('/./'))));
    const found = await readOne(tree, cleanSource(given), request);
    items.push(...(pivot === '' ? found : found.map((item) => ({ ...item, pivot }))));
  }
  if (items.length === 0) throw copyFailed(request.instruction, 'no source files were specified');
  return items;
}

/** What the items are, whatever their times: the same digest, the same copy. */
export function itemsDigest(items: readonly SourceItem[]): string {
  const hashes = items.map(itemHash);
  const [only] = hashes;
  return hashes.length === 1 && only ? only : `multi:${digestHex(digestOf(hashes.join(',')))}`;
}

function itemHash({ path, isDirectory, entries }: SourceItem): string {
  const lines = entries.map((entry) =>
    JSON.stringify([
      ...[entry.name === '' && !isDirectory ? baseName(path) : entry.name, entry.type, entry.mode],
      ...[entry.uid, entry.gid, entry.size, entry.linkName, entry.digest, entry.major, entry.minor],
      [...(entry.xattrs ?? [])].map(([name, value]) => [name, value.toString('base64')]),
    ]),
  );
  return `${isDirectory ? 'dir' : 'file'}:${digestHex(digestOf(lines.join('\n')))}`;
}

/** Of the path, what COPY --parents makes below the destination. */
export function keptPath({ path, pivot = '' }: SourceItem): string {
  return pivot === '' ? path : path.slice(pivot.length + 1);
}

export function baseName(path: string): string {
  return path.replace(/\/+$/, '').split('/').at(-1) ?? '';
}

async function readOne(
  tree: SourceTree,
  path: string,
  request: ReadSourcesRequest,
): Promise<readonly SourceItem[]> {
  const isExcluded = excludeMatcher(request.exclude);
  const read = (at: string) => readItem(tree, at, (below) => !isExcluded(joined(at, below)), request.signal);
  if (!hasWildcards(path)) {
    const item = await read(path.replace(/\\(.)/g, '$1'));
    if (item) return [item];
    throw copyFailed(request.instruction, `${request.missing}stat ${path}: file does not exist`);
  }
  const pattern = path.includes('**') ? deepPattern(path) : pathPattern(path);
  const names = await namesIn(tree, path, request.signal);
  const items: SourceItem[] = [];
  for (const name of names.filter((each) => pattern.test(each) && !isExcluded(each))) {
    const item = await read(name);
    if (item) items.push(item);
  }
  return items;
}

/** All that could match: no deeper than the pattern. */
async function namesIn(tree: SourceTree, pattern: string, signal: AbortSignal): Promise<readonly string[]> {
  const fixed = pattern.split('/');
  const wild = fixed.findIndex(hasWildcards);
  const top = fixed.slice(0, wild).join('/');
  const found = await listTree(
    tree,
    top,
    pattern.includes('**') ? Number.POSITIVE_INFINITY : fixed.length - wild,
    signal,
  );
  return found.map((name) => joined(top, name));
}

async function listTree(
  tree: SourceTree,
  top: string,
  depth: number,
  signal: AbortSignal,
): Promise<readonly string[]> {
  signal.throwIfAborted();
  const entries = await readdir(await resolveInRoot(tree.root, top), { withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    names.push(entry.name);
    if (depth > 1 && entry.isDirectory()) {
      const below = await listTree(tree, joined(top, entry.name), depth - 1, signal);
      names.push(...below.map((name) => `${entry.name}/${name}`));
    }
  }
  return names;
}

/** Relative to the tree: "/a", "./a" and "a/../a" are "a"; ".." never leaves it. */
function cleanSource(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function joined(top: string, name: string): string {
  return top === '' ? name : `${top}/${name}`;
}
