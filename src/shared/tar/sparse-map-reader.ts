import { type PaxRecords, parsePaxNumber } from './pax.js';
import { tarInvalid } from './tar-error.js';
import { blockSize, headerNumber } from './tar-header.js';

/** As for other extended headers: a map is held in memory. */
const largestMap = 1 << 20;

/**
 * A map as it comes: what headers tell of it, then, while `isWhole` is false, blocks of the archive. `numbers` are offset
 * and length by turns, unchecked.
 */
export interface SparseMapReader {
  readonly size: number;
  readonly numbers: readonly number[];
  readonly isWhole: boolean;
  /** Whether the blocks are part of the member's content. */
  readonly isContent: boolean;
  /** Throws TAR_INVALID. */
  take(block: Buffer): void;
}

/** The reader for a member's map by the formats 0.0, 0.1 and 1.0 of GNU tar; undefined for a file without one. */
export function paxSparseMap(pax: PaxRecords): SparseMapReader | undefined {
  const [major, minor] = ['major', 'minor'].map((part) => pax.get(`GNU.sparse.${part}`)?.toString('latin1'));
  const map = pax.get('GNU.sparse.map');
  if (major === undefined && minor === undefined && !map && !pax.has('GNU.sparse.size')) return undefined;
  const size = pax.get('GNU.sparse.realsize') ?? pax.get('GNU.sparse.size');
  if (!size) throw tarInvalid('sparse file without a size');
  if (major === '1' && minor === '0') return new ContentMap(parsePaxNumber(size));
  if ((major ?? '0') !== '0') throw tarInvalid(`unknown sparse format ${major}.${minor}`);
  const numbers = map && map.length > 0 ? map.toString('latin1').split(',').map(decimal) : [];
  const count = pax.get('GNU.sparse.numblocks');
  if (count && numbers.length !== 2 * parsePaxNumber(count)) throw tarInvalid('sparse map of another length');
  return { size: parsePaxNumber(size), numbers, isWhole: true, isContent: false, take() {} };
}

/** Format 1.0: lines at the beginning of the content, the number of runs first, filled to a whole block. */
class ContentMap implements SparseMapReader {
  readonly size: number;
  readonly isContent = true;
  readonly numbers: number[] = [];
  #count: number | undefined;
  /** A number that goes on in the next block. */
  #begun = '';
  #taken = 0;

  constructor(size: number) {
    this.size = size;
  }

  get isWhole(): boolean {
    return this.#count !== undefined && this.numbers.length === 2 * this.#count;
  }

  take(block: Buffer): void {
    this.#taken = checkedLength(this.#taken);
    const lines = (this.#begun + block.toString('latin1')).split('\n');
    this.#begun = lines.pop() ?? '';
    for (const line of lines) {
      if (this.isWhole) return;
      if (this.#count === undefined) this.#count = decimal(line);
      else this.numbers.push(decimal(line));
    }
    if (!this.isWhole && this.#begun.length > 16) throw tarInvalid('damaged sparse map');
  }
}

/** GNU tar's old format, type "S": four runs in the header, 21 in each block that follows. */
export class OldGnuMap implements SparseMapReader {
  readonly size: number;
  readonly isContent = false;
  readonly numbers: number[] = [];
  isWhole: boolean;
  #taken = 0;

  constructor(header: Buffer) {
    this.size = headerNumber(header, 483, 12, 'size of sparse file');
    this.isWhole = header[482] === 0;
    this.#takeRuns(header, 386, 4);
  }

  take(block: Buffer): void {
    this.#taken = checkedLength(this.#taken);
    this.isWhole = block[504] === 0;
    this.#takeRuns(block, 0, 21);
  }

  #takeRuns(block: Buffer, from: number, count: number): void {
    for (let at = from; at < from + count * 24 && block[at] !== 0; at += 24) {
      const offset = headerNumber(block, at, 12, 'offset in sparse map');
      this.numbers.push(offset, headerNumber(block, at + 12, 12, 'length in sparse map'));
    }
  }
}

function checkedLength(taken: number): number {
  if (taken + blockSize > largestMap) throw tarInvalid('sparse map is too large');
  return taken + blockSize;
}

function decimal(text: string): number {
  return parsePaxNumber(Buffer.from(text, 'latin1'));
}
