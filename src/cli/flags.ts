import { Flags } from '@oclif/core';

/** A flag that may be given several times, one value each: `--label a --label b NAME`. */
export function repeatable(description: string) {
  return Flags.string({ description, multiple: true, multipleNonGreedy: true });
}
