import type { Summary } from './statistics.mjs';

export interface RowResult {
  readonly name: string;
  readonly title: string;
  readonly unit: string;
  readonly ours: Summary;
  readonly theirs: Summary;
  readonly ratio: number;
  /** Its own samples, and the ratio of ours to them. */
  readonly podman?: Summary & { readonly ratio: number };
}
export interface Report {
  readonly environment: Readonly<Record<string, string>> & { readonly date: string };
  readonly results: readonly RowResult[];
}
export function toMarkdown(report: Report): string;
export function saveResults(report: Report, directory?: string): Promise<string>;
