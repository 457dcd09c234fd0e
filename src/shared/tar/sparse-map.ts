import { tarInvalid } from './tar-error.js';

/** A run of a file's bytes that stands in the archive. */
export interface SparseRun {
  readonly offset: number;
  readonly length: number;
}

/** A file with holes: what is in none of the runs, which are in order and never empty, is zeros. */
export interface SparseMap {
  /** Of the file, with its holes. */
  readonly size: number;
  readonly runs: readonly SparseRun[];
}

/** `numbers` are offset and length by turns; the runs fill the `archived` bytes exactly. Throws TAR_INVALID. */
export function sparseMap(size: number, numbers: readonly number[], archived: number): SparseMap {
  if (size < 0) throw tarInvalid('sparse file of negative size');
  if (numbers.length % 2 !== 0) throw tarInvalid('sparse map with an offset but no length');
  const runs: SparseRun[] = [];
  let end = 0;
  let total = 0;
  for (let index = 0; index < numbers.length; index += 2) {
    const offset = numbers[index] ?? 0;
    const length = numbers[index + 1] ?? 0;
    if (offset < 0 || length < 0) throw tarInvalid('sparse map with a negative number');
    if (offset < end) throw tarInvalid('sparse map whose runs overlap or are out of order');
    if (length > size - offset) throw tarInvalid(`sparse map beyond the file's ${size} bytes`);
    end = offset + length;
    total += length;
    if (length > 0) runs.push({ offset, length });
  }
  if (total !== archived) {
    throw tarInvalid(`sparse map of ${total} bytes for ${archived} bytes in the archive`);
  }
  return { size, runs };
}
