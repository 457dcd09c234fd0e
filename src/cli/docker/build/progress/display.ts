import type { StatusUpdate } from '../../../../build/solve/solve.js';

export const progressKinds = ['auto', 'plain', 'tty', 'rawjson', 'quiet'] as const;
export type ProgressKind = (typeof progressKinds)[number];

/** Shows how builds go. */
export interface BuildDisplay {
  /** `scope` is the build's name where there are several. */
  update(update: StatusUpdate, scope?: string): void;
  /** Leaves the last state on the screen, and says what failed. */
  close(): void;
}

export interface TextOutput {
  write(text: string): unknown;
}

export const silentDisplay: BuildDisplay = { update() {}, close() {} };
