import { type PaxRecords, parsePax, parsePaxNumber, parsePaxTime } from './pax.js';
import type { TarEntry, TarEntryType } from './tar-entry.js';
import { tarInvalid } from './tar-error.js';
import { blockSize, readHeader, type TarHeader } from './tar-header.js';

/** What is told of an archive, in its order: for each entry `begin`, `data` for each piece, `end`. */
export interface TarHandler {
  begin(entry: TarEntry): void;
  /**
   * Only valid during the call: the buffer is the caller's of `write`. `ahead` bytes that were written already follow
   * it in the archive.
   */
  data(chunk: Buffer, ahead: number): void;
  end(): void;
}

/** Long names and pax headers are held in memory. */
const largestExtension = 1 << 20;

/**
 * Reads a tar archive that arrives in pieces: ustar, pax (x and g), GNU (L and K, base-256), v7. GNU sparse files
 * are refused. Synchronous, so that unpacking costs no promise per entry; `readTar` feeds it from a stream.
 */
export class TarParser {
  readonly #handler: TarHandler;
  #pending = Buffer.alloc(0);
  /** Bytes of the present member's content still to come, and of the padding behind it. */
  #content = 0;
  #padding = 0;
  /** Set while the content is an extension: its pieces, and what to do with them. */
  #extension: { readonly typeFlag: string; readonly pieces: Buffer[] } | undefined;
  #inEntry = false;
  #zeroBlocks = 0;
  #global: PaxRecords = new Map();
  #local: PaxRecords | undefined;
  #longName: string | undefined;
  #longLink: string | undefined;

  constructor(handler: TarHandler) {
    this.#handler = handler;
  }

  /** Throws TAR_INVALID, or what the handler throws. */
  write(chunk: Buffer): void {
    let input = chunk;
    if (this.#pending.length > 0) {
      input = Buffer.concat([this.#pending, chunk]);
      this.#pending = Buffer.alloc(0);
    }
    let at = 0;
    while (at < input.length && this.#zeroBlocks < 2) {
      const next = this.#step(input, at);
      if (next === at) break;
      at = next;
    }
    if (this.#zeroBlocks < 2 && at < input.length) this.#pending = Buffer.from(input.subarray(at));
  }

  /**
   * Throws TAR_INVALID when the archive stops in the middle of something. The zeros behind the last content may be
   * missing: docker leaves them out of a build context with a Dockerfile from elsewhere, and Go's reader takes it.
   */
  close(): void {
    const isWhole =
      this.#zeroBlocks >= 2 || (this.#pending.length === 0 && this.#content === 0 && !this.#hasExtension());
    if (!isWhole) throw tarInvalid('unexpected end of archive');
  }

  /** Answers where the next step begins; the same place when more bytes are needed. */
  #step(input: Buffer, at: number): number {
    if (this.#content > 0) return this.#takeContent(input, at);
    if (this.#padding > 0) {
      const skipped = Math.min(this.#padding, input.length - at);
      this.#padding -= skipped;
      return at + skipped;
    }
    if (input.length - at < blockSize) return at;
    this.#takeHeader(input, at);
    return at + blockSize;
  }

  #takeContent(input: Buffer, at: number): number {
    const piece = input.subarray(at, at + this.#content);
    this.#content -= piece.length;
    if (this.#extension) this.#extension.pieces.push(Buffer.from(piece));
    else this.#handler.data(piece, input.length - at - piece.length);
    if (this.#content === 0) this.#endContent();
    return at + piece.length;
  }

  #endContent(): void {
    if (this.#extension) this.#takeExtension(this.#extension.typeFlag, Buffer.concat(this.#extension.pieces));
    else if (this.#inEntry) this.#handler.end();
    this.#extension = undefined;
    this.#inEntry = false;
  }

  #takeHeader(input: Buffer, at: number): void {
    const header = readHeader(input, at);
    if (!header) {
      this.#zeroBlocks++;
      return;
    }
    if (this.#zeroBlocks > 0) throw tarInvalid('entry after the end-of-archive mark');
    if (header.size < 0) throw tarInvalid('negative size');
    if ('xgLK'.includes(header.typeFlag)) this.#beginExtension(header);
    else this.#beginEntry(header);
  }

  #beginExtension(header: TarHeader): void {
    if (header.size > largestExtension) throw tarInvalid('extended header is too large');
    this.#extension = { typeFlag: header.typeFlag, pieces: [] };
    this.#expect(header.size);
  }

  #beginEntry(header: TarHeader): void {
    const entry = this.#entryOf(header);
    this.#local = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    this.#inEntry = true;
    this.#handler.begin(entry);
    this.#expect(entry.size);
  }

  #expect(size: number): void {
    this.#content = size;
    this.#padding = (blockSize - (size % blockSize)) % blockSize;
    if (size === 0) this.#endContent();
  }

  #takeExtension(typeFlag: string, content: Buffer): void {
    if (typeFlag === 'x') this.#local = refuseSparse(parsePax(content));
    else if (typeFlag === 'g') this.#global = new Map([...this.#global, ...refuseSparse(parsePax(content))]);
    else if (typeFlag === 'L') this.#longName = untilNul(content);
    else this.#longLink = untilNul(content);
  }

  #hasExtension(): boolean {
    return this.#local !== undefined || this.#longName !== undefined || this.#longLink !== undefined;
  }

  #entryOf(header: TarHeader): TarEntry {
    const pax = this.#local || this.#global.size > 0 ? merged(this.#global, this.#local) : undefined;
    const name = paxText(pax, 'path') ?? this.#longName ?? header.name;
    const type = typeOf(header.typeFlag, name);
    const mtime = pax?.get('mtime');
    return {
      type,
      name,
      linkName: paxText(pax, 'linkpath') ?? this.#longLink ?? header.linkName,
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
}

const types: ReadonlyMap<string, TarEntryType> = new Map([
  ['0', 'file'],
  ['\0', 'file'],
  ['7', 'file'],
  ['1', 'hard-link'],
  ['2', 'symlink'],
  ['3', 'character-device'],
  ['4', 'block-device'],
  ['5', 'directory'],
  ['6', 'fifo'],
]);

function typeOf(flag: string, name: string): TarEntryType {
  if (flag === 'S') throw tarInvalid('GNU sparse files are not supported');
  const type = types.get(flag);
  if (!type) throw tarInvalid(`unknown entry type ${JSON.stringify(flag)}`);
  return type === 'file' && name.endsWith('/') ? 'directory' : type; // v7 had no type for directories
}

/** An empty value takes a keyword back. */
function merged(global: PaxRecords, local: PaxRecords | undefined): PaxRecords {
  const all = new Map([...global, ...(local ?? [])]);
  for (const [keyword, value] of all) {
    if (value.length === 0 && !keyword.startsWith(xattrPrefix)) all.delete(keyword);
  }
  return all;
}

function refuseSparse(records: PaxRecords): PaxRecords {
  for (const keyword of records.keys()) {
    if (keyword.startsWith('GNU.sparse.')) throw tarInvalid('GNU sparse files are not supported');
  }
  return records;
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

function untilNul(content: Buffer): string {
  const end = content.indexOf(0);
  return content.toString('latin1', 0, end === -1 ? content.length : end);
}
