import { type PaxRecords, parsePaxNumber, parsePaxTime } from './pax.js';
import type { TarEntry, TarEntryType } from './tar-entry.js';
import { tarInvalid } from './tar-error.js';
import type { TarHeader } from './tar-header.js';

/** What stands before a header and replaces parts of it. */
export interface HeaderExtensions {
  readonly pax: PaxRecords | undefined;
  readonly longName: string | undefined;
  readonly longLink: string | undefined;
}

/** The entry that a header and its extensions tell of; the size is that in the archive. Throws TAR_INVALID. */
export function entryOfHeaders(header: TarHeader, { pax, longName, longLink }: HeaderExtensions): TarEntry {
  const name = paxText(pax, 'GNU.sparse.name') ?? paxText(pax, 'path') ?? longName ?? header.name;
  const type = typeOf(header.typeFlag, name);
  const mtime = pax?.get('mtime');
  return {
    type,
    name,
    linkName: paxText(pax, 'linkpath') ?? longLink ?? header.linkName,
    mode: header.mode & 0o7777,
    uid: paxNumber(pax, 'uid') ?? header.uid,
    gid: paxNumber(pax, 'gid') ?? header.gid,
    // links and special files have no content, whatever some writers put there
    size: type === 'file' ? (paxNumber(pax, 'size') ?? header.size) : 0,
    mtime: mtime ? parsePaxTime(mtime) : BigInt(header.mtimeSeconds) * 1_000_000_000n,
    major: header.major,
    minor: header.minor,
    xattrs: pax && xattrsOf(pax),
  };
}

const types: ReadonlyMap<string, TarEntryType> = new Map([
  ['0', 'file'],
  ['\0', 'file'],
  ['7', 'file'],
  ['S', 'file'],
  ['1', 'hard-link'],
  ['2', 'symlink'],
  ['3', 'character-device'],
  ['4', 'block-device'],
  ['5', 'directory'],
  ['6', 'fifo'],
]);

function typeOf(flag: string, name: string): TarEntryType {
  const type = types.get(flag);
  if (!type) throw tarInvalid(`unknown entry type ${JSON.stringify(flag)}`);
  return type === 'file' && name.endsWith('/') ? 'directory' : type; // v7 had no type for directories
}

/** Global records with a member's own over them. An empty value takes a keyword back. */
export function mergedPax(global: PaxRecords, local: PaxRecords | undefined): PaxRecords | undefined {
  if (!local && global.size === 0) return undefined;
  const all = new Map([...global, ...(local ?? [])]);
  for (const [keyword, value] of all) {
    if (value.length === 0 && !keyword.startsWith(xattrPrefix)) all.delete(keyword);
  }
  return all;
}

const xattrPrefix = 'SCHILY.xattr.';

function xattrsOf(pax: PaxRecords): ReadonlyMap<string, Buffer> | undefined {
  let found: Map<string, Buffer> | undefined;
  for (const [keyword, value] of pax) {
    if (!keyword.startsWith(xattrPrefix)) continue;
    found ??= new Map();
    found.set(keyword.slice(xattrPrefix.length), value);
  }
  return found;
}

function paxText(pax: PaxRecords | undefined, keyword: string): string | undefined {
  const value = pax?.get(keyword);
  if (value?.includes(0)) throw tarInvalid(`NUL in ${keyword}`);
  return value?.toString('latin1');
}

function paxNumber(pax: PaxRecords | undefined, keyword: string): number | undefined {
  const value = pax?.get(keyword);
  return value && parsePaxNumber(value);
}
