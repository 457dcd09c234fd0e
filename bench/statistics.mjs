/** Figures that a few outliers do not move: this machine is shared. */

/** The middle of the samples, or the mean of the two in the middle. Throws on none. */
export function median(samples) {
  return quantile(samples, 0.5);
}

/** Linear between the two nearest samples. `share` is from 0 to 1. */
export function quantile(samples, share) {
  if (samples.length === 0) throw new RangeError('no samples');
  const sorted = samples.toSorted((one, other) => one - other);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)];
  const above = sorted[Math.ceil(position)];
  return below + (above - below) * (position - Math.floor(position));
}

/** Median, the quartiles around it, and the extremes. */
export function summarise(samples) {
  return {
    median: median(samples),
    lowerQuartile: quantile(samples, 0.25),
    upperQuartile: quantile(samples, 0.75),
    minimum: Math.min(...samples),
    maximum: Math.max(...samples),
    count: samples.length,
  };
}

/**
 * The median of the ratios within the pairs: what slows the machine down for a while slows both of a pair.
 * Throws when the two have not the same number of samples.
 */
export function pairedRatio(ours, theirs) {
  if (ours.length !== theirs.length) throw new RangeError('samples are not in pairs');
  return median(ours.map((sample, index) => sample / theirs[index]));
}
