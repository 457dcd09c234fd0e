import { types } from 'node:util';

/**
 * What went wrong, as behaviour: decides the exit code of the CLI (`cli/exit-code.ts`) and the HTTP status of
 * the agent (`agent/server/http-status.ts`). The words are those of moby's and containerd's error packages.
 */
export type ErrorKind =
  | 'invalid-argument'
  | 'not-found'
  | 'already-exists'
  | 'conflict'
  | 'not-modified'
  | 'unauthenticated'
  | 'permission-denied'
  | 'unavailable'
  | 'deadline-exceeded'
  | 'canceled'
  | 'not-implemented'
  | 'data-loss'
  | 'internal';

export interface ErrorDetails {
  /** What to do next, one imperative sentence each. */
  readonly hints?: readonly string[];
  readonly cause?: unknown;
}

const brand = Symbol.for('tsmachine.error');

/** The only error class. `code` is the stable identity (`MACHINE_NOT_FOUND`), `kind` the behaviour. */
export class TsmachineError extends Error {
  readonly kind: ErrorKind;
  readonly code: string;
  readonly hints: readonly string[];
  readonly [brand] = true;

  constructor(kind: ErrorKind, code: string, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'TsmachineError';
    this.kind = kind;
    this.code = code;
    this.hints = details.hints ?? [];
  }
}

/** Recognises the error across two copies of the package or two realms, where `instanceof` would not. */
export function isTsmachineError(error: unknown): error is TsmachineError {
  return types.isNativeError(error) && brand in error;
}

/** The text of anything that was thrown. */
export function errorMessage(error: unknown): string {
  return types.isNativeError(error) ? error.message : String(error);
}

/** Node's code of a failed system call (`ENOENT`), or undefined for any other error. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!types.isNativeError(error) || !('code' in error)) return undefined;
  return typeof error.code === 'string' ? error.code : undefined;
}
