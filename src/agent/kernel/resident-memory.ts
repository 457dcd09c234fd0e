import { readFileSync } from 'node:fs';
import { declare } from './libc.js';

/**
 * Gives back the pages of this program's own file, which the start has read in and hardly anything needs again: more
 * than half of what Node takes while nothing happens. What is needed comes back from the page cache, unnoticed.
 */
export function releaseProgramPages(program = process.execPath): void {
  for (const { start, length } of cleanMappings(readFileSync('/proc/self/smaps', 'utf8'), program)) {
    madvise(start, length, MADV_DONTNEED);
  }
}

/** What the C library keeps of memory that is free. musl keeps none, and has no such function. */
export function releaseFreeHeap(): void {
  try {
    mallocTrim(0);
  } catch {
    // as said
  }
}

export interface Mapping {
  readonly start: number;
  readonly length: number;
}

/**
 * Those of a file that cannot be written and of which no page was changed: the loader writes into some before it makes
 * them read-only, and those pages would be lost (proc_pid_smaps(5)).
 */
export function cleanMappings(smaps: string, file: string): readonly Mapping[] {
  return smaps.split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).flatMap((text) => {
    const [, from, to, access, path] =
      /^([0-9a-f]+)-([0-9a-f]+) (\S{4}) \S+ \S+ \S+ +(.*)$/m.exec(text) ?? [];
    const isClean = /^Anonymous: +0 kB$/m.test(text) && /^Private_Dirty: +0 kB$/m.test(text);
    if (path !== file || access === undefined || access.includes('w') || !isClean) return [];
    const start = Number.parseInt(from ?? '', 16); // addresses have 48 bits, or 52
    return [{ start, length: Number.parseInt(to ?? '', 16) - start }];
  });
}

const mallocTrim = declare('int malloc_trim(size_t pad)');

const madvise = declare('int madvise(uint64_t address, size_t length, int advice)');

/** asm-generic/mman-common.h */
const MADV_DONTNEED = 4;
