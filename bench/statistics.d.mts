export interface Summary {
  readonly median: number;
  readonly lowerQuartile: number;
  readonly upperQuartile: number;
  readonly minimum: number;
  readonly maximum: number;
  readonly count: number;
}
export function median(samples: readonly number[]): number;
export function quantile(samples: readonly number[], share: number): number;
export function summarise(samples: readonly number[]): Summary;
export function pairedRatio(ours: readonly number[], theirs: readonly number[]): number;
