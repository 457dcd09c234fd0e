import { formatPax } from './pax.js';
import type { TarEntry, TarEntryType } from './tar-entry.js';
import { blockSize, checksum } from './tar-header.js';

export type TarEntryInput = Pick<TarEntry, 'type' | 'name'> & Partial<TarEntry>;

/** Closes an archive: two blocks of zeros. */
export const tarEnd: Buffer = Buffer.alloc(2 * blockSize);

/**
 * The header of one entry, to be followed by exactly `size` bytes of content and `tarPadding(size)`.
 * ustar, with a pax header before it only for what ustar cannot hold: long or non-ASCII names, large numbers,
 * fractions of a second, xattrs.
 */
export function tarHeader(input: TarEntryInput): Buffer {
  const entry = { ...defaults, ...input };
  const pax = paxOf(entry);
  const header = ustar(entry, typeFlags[entry.type]);
  if (pax.size === 0) return header;
  const content = formatPax(pax);
  const name = `PaxHeaders/${entry.name}`.slice(0, 100).replace(/[\u0080-\u00ff]/g, '_');
  const before = ustar({ ...defaults, type: 'file', name, size: content.length }, 'x');
  return Buffer.concat([before, content, tarPadding(content.length), header]);
}

/** Zeros that fill the last block of a content. */
export function tarPadding(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

/** A whole entry with its content in memory. */
export function tarFile(input: TarEntryInput, content: Uint8Array = Buffer.alloc(0)): Buffer {
  return Buffer.concat([tarHeader({ ...input, size: content.length }), content, tarPadding(content.length)]);
}

const defaults = {
  linkName: '',
  mode: 0o644,
  uid: 0,
  gid: 0,
  size: 0,
  mtime: 0n,
  major: 0,
  minor: 0,
  xattrs: undefined,
} satisfies Partial<TarEntry>;

const typeFlags: Readonly<Record<TarEntryType, string>> = {
  file: '0',
  'hard-link': '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
};

function paxOf(entry: TarEntry): Map<string, Buffer> {
  const records = new Map<string, Buffer>();
  if (!fits(entry.name)) records.set('path', Buffer.from(entry.name, 'latin1'));
  if (!fits(entry.linkName)) records.set('linkpath', Buffer.from(entry.linkName, 'latin1'));
  if (entry.uid > 0o7777777) records.set('uid', Buffer.from(String(entry.uid)));
  if (entry.gid > 0o7777777) records.set('gid', Buffer.from(String(entry.gid)));
  if (entry.size > 0o77777777777) records.set('size', Buffer.from(String(entry.size)));
  if (entry.mtime % nanos !== 0n || entry.mtime < 0n || entry.mtime / nanos > 0o77777777777n) {
    records.set('mtime', Buffer.from(paxTime(entry.mtime)));
  }
  for (const [name, value] of entry.xattrs ?? []) records.set(`SCHILY.xattr.${name}`, value);
  return records;
}

const nanos = 1_000_000_000n;

function fits(name: string): boolean {
  return name.length <= 100 && !/[\u0080-\u00ff]/.test(name);
}

function paxTime(mtime: bigint): string {
  const sign = mtime < 0n ? '-' : '';
  const value = mtime < 0n ? -mtime : mtime;
  const fraction = (value % nanos).toString().padStart(9, '0').replace(/0+$/, '');
  return `${sign}${value / nanos}${fraction && `.${fraction}`}`;
}

function ustar(entry: TarEntry, typeFlag: string): Buffer {
  const block = Buffer.alloc(blockSize);
  block.write(entry.name.slice(0, 100), 0, 'latin1');
  octal(block, 100, 8, entry.mode);
  octal(block, 108, 8, entry.uid);
  octal(block, 116, 8, entry.gid);
  octal(block, 124, 12, entry.size);
  octal(block, 136, 12, entry.mtime < 0n ? 0 : Number(entry.mtime / nanos));
  block.write(typeFlag, 156, 'latin1');
  block.write(entry.linkName.slice(0, 100), 157, 'latin1');
  block.write('ustar\x0000', 257, 'latin1');
  octal(block, 329, 8, entry.major);
  octal(block, 337, 8, entry.minor);
  block.write(`${checksum(block, 0).unsigned.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return block;
}

/** What does not fit is 0 here and stands in the pax header. */
function octal(block: Buffer, at: number, length: number, value: number): void {
  const digits = value.toString(8).padStart(length - 1, '0');
  block.write(digits.length < length ? digits : '0'.repeat(length - 1), at, 'latin1');
}
