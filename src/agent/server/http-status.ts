import { type ErrorKind, isTsmachineError } from '../../shared/errors.js';

/** The only place that knows which status an error has. What is not a TsmachineError is a fault of ours. */
export function httpStatus(error: unknown): number {
  return isTsmachineError(error) ? statuses[error.kind] : 500;
}

const statuses: Readonly<Record<ErrorKind, number>> = {
  'invalid-argument': 400,
  'not-found': 404,
  'already-exists': 409,
  conflict: 409,
  'not-modified': 304,
  unauthenticated: 401,
  'permission-denied': 403,
  unavailable: 503,
  'deadline-exceeded': 500,
  canceled: 499,
  'not-implemented': 501,
  'data-loss': 500,
  internal: 500,
};
