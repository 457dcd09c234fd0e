export interface FlagShape {
  readonly type: string;
  readonly char?: string;
  readonly aliases?: readonly string[];
  readonly allowNo?: boolean;
}

/** What is needed of an oclif command to read its command line. */
export interface CommandShape {
  readonly flags: Readonly<Record<string, FlagShape>>;
  /** The words behind the first positional belong to another program (`ssh NAME ls -l`). */
  readonly passThrough?: boolean;
}
