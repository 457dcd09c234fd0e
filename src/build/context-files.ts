import type { BigIntStats } from 'node:fs';
import { lstat, readdir, readlink } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../shared/errors.js';
import { settleAll } from '../shared/settle-all.js';
import { type TarEntryType, toByteString } from '../shared/tar/tar-entry.js';
import type { TarEntryInput } from '../shared/tar/tar-writer.js';
import { contextUnreadable } from './errors.js';
import type { IgnoreRules } from './ignore-rules.js';

export interface ContextFile {
  /** Where it is on this computer. */
  readonly path: string;
  readonly entry: TarEntryInput;
}

const statsAtOnce = 64;

/**
 * What is in a directory, each directory before what is in it, by name: the same files make the same archive.
 * Owners are root, as docker sends them. Sockets and devices are left out. Throws BUILD_CONTEXT_UNREADABLE.
 */
export async function* contextFiles(root: string, rules: IgnoreRules): AsyncGenerator<ContextFile> {
  const links = new Map<string, string>();
  yield* walk(root, '', rules, links);
}

async function* walk(
  root: string,
  directory: string,
  rules: IgnoreRules,
  links: Map<string, string>,
): AsyncGenerator<ContextFile> {
  for (const { name, stats } of await entriesOf(join(root, directory))) {
    const path = directory === '' ? name : `${directory}/${name}`;
    const isIgnored = rules.ignores(path);
    if (!isIgnored) {
      const file = await contextFile(root, path, stats, links);
      if (file) yield file;
    }
    if (stats.isDirectory() && (!isIgnored || rules.mayKeepBelow(path))) {
      yield* walk(root, path, rules, links);
    }
  }
}

export interface DirectoryEntry {
  readonly name: string;
  readonly stats: BigIntStats;
}

/** In the order of their names. What vanishes while it is looked at was not there. */
export async function entriesOf(directory: string): Promise<readonly DirectoryEntry[]> {
  const names = await readdir(directory).catch((cause) => {
    throw contextUnreadable(directory, cause);
  });
  names.sort(byBytes);
  const results = await settleAll(names, statsAtOnce, (name) =>
    lstat(join(directory, name), { bigint: true }),
  );
  return results.flatMap((result, at) => {
    const name = names[at] ?? '';
    if (result.status === 'fulfilled') return [{ name, stats: result.value }];
    if (systemErrorCode(result.reason) === 'ENOENT') return [];
    throw contextUnreadable(join(directory, name), result.reason);
  });
}

/** As Go compares strings. */
function byBytes(left: string, right: string): number {
  return beyondAscii.test(left + right)
    ? Buffer.compare(Buffer.from(left), Buffer.from(right))
    : Number(left > right) - Number(left < right);
}

const beyondAscii = /[^\0-\x7f]/;

async function contextFile(
  root: string,
  path: string,
  stats: BigIntStats,
  links: Map<string, string>,
): Promise<ContextFile | undefined> {
  const type = typeOf(stats);
  if (type === undefined) return undefined;
  const full = join(root, path);
  const first = type === 'file' ? firstLink(stats, path, links) : undefined;
  const linkName = type === 'symlink' ? await readlink(full) : (first ?? '');
  return {
    path: full,
    entry: {
      type: first === undefined ? type : 'hard-link',
      name: toByteString(type === 'directory' ? `${path}/` : path),
      linkName: toByteString(linkName),
      mode: process.platform === 'win32' ? 0o755 : Number(stats.mode & 0o7777n),
      size: type === 'file' && first === undefined ? Number(stats.size) : 0,
      mtime: (stats.mtimeNs / 1_000_000_000n) * 1_000_000_000n,
    },
  };
}

function typeOf(stats: BigIntStats): TarEntryType | undefined {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  return stats.isFIFO() ? 'fifo' : undefined;
}

/** Of a file with several names, the one under which it was sent already; undefined for the first. */
export function firstLink(
  { dev, ino, nlink }: BigIntStats,
  path: string,
  links: Map<string, string>,
): string | undefined {
  if (nlink < 2n) return undefined;
  const key = `${dev}:${ino}`;
  const known = links.get(key);
  if (known === undefined) links.set(key, path);
  return known;
}
