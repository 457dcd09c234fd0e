import { type ErrorKind, isTsmachineError } from '../shared/errors.js';

const byKind: Readonly<Record<ErrorKind, number>> = {
  'invalid-argument': 2,
  'not-found': 1,
  'already-exists': 1,
  conflict: 1,
  'not-modified': 0,
  unauthenticated: 1,
  'permission-denied': 1,
  unavailable: 1,
  'deadline-exceeded': 1,
  canceled: 130,
  'not-implemented': 1,
  'data-loss': 1,
  internal: 1,
};

/** 3 is docker-machine's "the pre-create check failed, nothing was made"; oclif's own errors carry theirs. */
export function exitCodeOf(error: unknown): number {
  if (isTsmachineError(error)) return error.code === 'PRE_CREATE_CHECK_FAILED' ? 3 : byKind[error.kind];
  return oclifExitCode(error) ?? 1;
}

/** Of an error that oclif threw (a wrong flag, `this.exit(…)`); undefined for any other. */
export function oclifExitCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('oclif' in error)) return undefined;
  const details = error.oclif;
  if (typeof details !== 'object' || details === null || !('exit' in details)) return undefined;
  return typeof details.exit === 'number' ? details.exit : undefined;
}

/** For what reading a command line threw: with the exit code of a wrong flag, unless it has one. Throws always. */
export function failAsUsage(error: unknown): never {
  if (error instanceof Error && !isTsmachineError(error) && oclifExitCode(error) === undefined) {
    Object.assign(error, { oclif: { exit: byKind['invalid-argument'] } });
  }
  throw error;
}
