import type { RowResult } from './report.mjs';

export interface Sides {
  ours(): Promise<number>;
  theirs(): Promise<number>;
  end?(): Promise<void>;
}
export interface Row<Context> {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly rounds: number;
  readonly warmUp?: boolean;
  begin(context: Context): Promise<Sides>;
}
export function measureRow<Context>(
  row: Row<Context>,
  context: Context,
  rounds: number,
): Promise<RowResult & { readonly samples: { readonly ours: number[]; readonly theirs: number[] } }>;
export function timed(work: () => Promise<unknown>): Promise<number>;
