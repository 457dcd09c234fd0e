import { TsmachineError } from '../../shared/errors.js';

export const sessionNotFound = (id: string) =>
  new TsmachineError('not-found', 'SESSION_NOT_FOUND', `no active session for ${id}`);

export const solveInvalid = (message: string) =>
  new TsmachineError('invalid-argument', 'SOLVE_INVALID', message);

export const solveUnsupported = (what: string) =>
  new TsmachineError('not-implemented', 'SOLVE_UNSUPPORTED', `${what} is not supported by this engine`);

/** As buildx says it of an engine without containerd's image store. */
export const multiPlatformUnsupported = (platforms: string) =>
  new TsmachineError(
    'not-implemented',
    'SOLVE_UNSUPPORTED',
    `Multi-platform build is not supported for the docker driver: build ${platforms} one by one`,
  );

export const jobNotFound = (ref: string) =>
  new TsmachineError('not-found', 'JOB_NOT_FOUND', `no such job ${ref}`);

export const syncFailed = (reason: string) =>
  new TsmachineError(
    'invalid-argument',
    'FILE_SYNC_FAILED',
    `files cannot be taken from the client: ${reason}`,
  );

export const solveCanceled = () => new TsmachineError('canceled', 'SOLVE_CANCELED', 'context canceled');
