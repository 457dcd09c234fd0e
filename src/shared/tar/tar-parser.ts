import { entryOfHeaders, mergedPax } from './entry-of-headers.js';
import { type PaxRecords, parsePax } from './pax.js';
import { SparseContent } from './sparse-content.js';
import { type SparseMap, sparseMap } from './sparse-map.js';
import { OldGnuMap, paxSparseMap, type SparseMapReader } from './sparse-map-reader.js';
import type { TarEntry } from './tar-entry.js';
import { tarInvalid } from './tar-error.js';
import type { TarHandler } from './tar-handler.js';
import { blockSize, readHeader, type TarHeader } from './tar-header.js';

interface Mapping {
  readonly entry: TarEntry;
  readonly reader: SparseMapReader;
  /** Bytes of content, less the blocks of the map that were among them. */
  archived: number;
}

/** Long names and pax headers are held in memory. */
const largestExtension = 1 << 20;

/** In all files of an archive; less than the largest file that ext4 holds. */
const mostHoles = 8 * 2 ** 40;
/** Where holes are written out. */
const mostFilledHoles = 2 ** 30;

/**
 * Reads a tar archive that arrives in pieces: ustar, pax (x and g), GNU (L and K, base-256), v7, and GNU tar's sparse
 * files in all their formats (its manual, "Storing Sparse Files"). Synchronous, so that unpacking costs no promise per
 * entry; `readTar` feeds it from a stream.
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
  /** Set while a sparse file's map is being read, before its entry begins. */
  #mapping: Mapping | undefined;
  #sparse: SparseContent | undefined;
  #holes = 0;
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
      this.#zeroBlocks >= 2 || (this.#pending.length === 0 && this.#content === 0 && !this.#isBeforeEntry());
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
    if (this.#mapping) this.#takeMap(this.#mapping, input.subarray(at, at + blockSize));
    else this.#takeHeader(input, at);
    return at + blockSize;
  }

  #takeContent(input: Buffer, at: number): number {
    const piece = input.subarray(at, at + this.#content);
    this.#content -= piece.length;
    if (this.#extension) this.#extension.pieces.push(Buffer.from(piece));
    else (this.#sparse ?? this.#handler).data(piece, input.length - at - piece.length);
    if (this.#content === 0) this.#endContent();
    return at + piece.length;
  }

  #endContent(): void {
    if (this.#extension) this.#takeExtension(this.#extension.typeFlag, Buffer.concat(this.#extension.pieces));
    else if (this.#inEntry) this.#handler.end();
    this.#extension = undefined;
    this.#sparse = undefined;
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
    else this.#beginMember(header, input, at);
  }

  #beginExtension(header: TarHeader): void {
    if (header.size > largestExtension) throw tarInvalid('extended header is too large');
    this.#extension = { typeFlag: header.typeFlag, pieces: [] };
    this.#expect(header.size);
  }

  #beginMember(header: TarHeader, input: Buffer, at: number): void {
    const pax = mergedPax(this.#global, this.#local);
    const entry = entryOfHeaders(header, { pax, longName: this.#longName, longLink: this.#longLink });
    this.#local = undefined;
    this.#longName = undefined;
    this.#longLink = undefined;
    const isOldSparse = header.typeFlag === 'S';
    const reader = isOldSparse ? new OldGnuMap(input.subarray(at, at + blockSize)) : pax && paxSparseMap(pax);
    if (!reader) this.#beginEntry(entry, entry.size);
    else if (entry.type !== 'file') throw tarInvalid(`sparse map of a ${entry.type}`);
    else this.#beginMap({ entry, reader, archived: entry.size });
  }

  #beginMap(mapping: Mapping): void {
    this.#mapping = mapping;
    if (mapping.reader.isWhole) this.#endMap(mapping);
  }

  #takeMap(mapping: Mapping, block: Buffer): void {
    const { reader } = mapping;
    if (reader.isContent) mapping.archived -= blockSize;
    if (mapping.archived < 0) throw tarInvalid('sparse map beyond the content');
    reader.take(block);
    if (reader.isWhole) this.#endMap(mapping);
  }

  #endMap({ entry, reader, archived }: Mapping): void {
    this.#mapping = undefined;
    const map = sparseMap(reader.size, reader.numbers, archived);
    this.#countHoles(map, archived);
    this.#sparse = new SparseContent(map, this.#handler);
    this.#beginEntry({ ...entry, size: map.size }, archived);
  }

  /** Holes cost an archive nothing: a bound against bombs. */
  #countHoles({ size }: SparseMap, archived: number): void {
    this.#holes += size - archived;
    const most = this.#handler.hole ? mostHoles : mostFilledHoles;
    if (this.#holes > most) {
      throw tarInvalid(`sparse files with holes of ${this.#holes} bytes, of which ${most} are let in`);
    }
  }

  #beginEntry(entry: TarEntry, archived: number): void {
    this.#inEntry = true;
    this.#handler.begin(entry);
    this.#sparse?.begin();
    this.#expect(archived);
  }

  #expect(size: number): void {
    this.#content = size;
    this.#padding = (blockSize - (size % blockSize)) % blockSize;
    if (size === 0) this.#endContent();
  }

  #takeExtension(typeFlag: string, content: Buffer): void {
    if (typeFlag === 'x') this.#local = parsePax(content);
    else if (typeFlag === 'g') this.#global = new Map([...this.#global, ...withoutSparse(parsePax(content))]);
    else if (typeFlag === 'L') this.#longName = untilNul(content);
    else this.#longLink = untilNul(content);
  }

  #isBeforeEntry(): boolean {
    return (
      this.#mapping !== undefined ||
      this.#local !== undefined ||
      this.#longName !== undefined ||
      this.#longLink !== undefined
    );
  }
}

/** A map is one file's. */
function withoutSparse(records: PaxRecords): PaxRecords {
  for (const keyword of records.keys()) {
    if (keyword.startsWith('GNU.sparse.')) throw tarInvalid(`${keyword} in a global header`);
  }
  return records;
}

function untilNul(content: Buffer): string {
  const end = content.indexOf(0);
  return content.toString('latin1', 0, end === -1 ? content.length : end);
}
