/** Takes the samples of one row: ours and theirs in turn (A B A B), after one of each that does not count. */
import { pairedRatio, summarise } from './statistics.mjs';

/**
 * @param row see bench/rows.mjs
 * @param context { ours, theirs, hosts }
 * @param rounds pairs of samples
 */
export async function measureRow(row, context, rounds) {
  const sides = await row.begin(context);
  try {
    if (row.warmUp !== false) {
      await sides.ours();
      await sides.theirs();
    }
    const ours = [];
    const theirs = [];
    for (let round = 0; round < rounds; round++) {
      ours.push(await sides.ours());
      theirs.push(await sides.theirs());
    }
    const { name, title, unit } = row;
    return {
      name,
      title,
      unit,
      ours: summarise(ours),
      theirs: summarise(theirs),
      ratio: pairedRatio(ours, theirs),
      samples: { ours, theirs },
    };
  } finally {
    await sides.end?.();
  }
}

/** Milliseconds that `work` takes. */
export async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}
