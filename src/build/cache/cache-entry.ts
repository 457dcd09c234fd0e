/** Where a build's cache is read from or written to: `--cache-from`, `--cache-to`. */
export interface CacheEntry {
  readonly type: string;
  readonly attributes: Readonly<Record<string, string>>;
}
