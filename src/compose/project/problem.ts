import type { Path } from '../file/path.js';

/** What contradicts itself, at a place of the project. */
export interface Problem {
  readonly path: Path;
  readonly message: string;
  readonly hint?: string;
}
