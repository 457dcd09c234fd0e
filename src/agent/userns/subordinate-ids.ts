import type { IdRange } from './id-map.js';

/** A line of /etc/subuid or /etc/subgid (subuid(5)). */
export interface SubordinateRange {
  /** A name, or an ID in digits. */
  readonly owner: string;
  readonly first: number;
  readonly count: number;
}

const largestId = 2 ** 32 - 2;

/** What is no range is left out, as login's tools do. */
export function parseSubordinateIds(text: string): readonly SubordinateRange[] {
  return text.split('\n').flatMap((line) => {
    const [, owner = '', first, count] = /^([^:#\s][^:]*):(\d+):(\d+)\s*$/.exec(line) ?? [];
    const range = { owner, first: Number(first), count: Number(count) };
    const isRange = owner !== '' && range.count > 0 && range.first + range.count - 1 <= largestId;
    return isRange ? [range] : [];
  });
}

/** All ranges of an owner, in the order of the file; a container's IDs go through them from 0 on, as Docker's do. */
export function idRanges(ranges: readonly SubordinateRange[], owners: readonly string[]): readonly IdRange[] {
  let next = 0;
  return ranges
    .filter(({ owner }) => owners.includes(owner))
    .map(({ first, count }) => {
      const range = { container: next, host: first, size: count };
      next += count;
      return range;
    });
}

/** The first ID behind all ranges, where a new one can begin. */
export function freeId(ranges: readonly SubordinateRange[]): number {
  return Math.max(firstSubordinateId, ...ranges.map(({ first, count }) => first + count));
}

/** login.defs's default. */
const firstSubordinateId = 100_000;
