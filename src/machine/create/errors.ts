import { errorMessage, isTsmachineError, TsmachineError } from '../../shared/errors.js';

export function preCreateCheckFailed(cause: unknown): TsmachineError {
  const known = isTsmachineError(cause) ? cause : undefined;
  return new TsmachineError(
    known?.kind ?? 'internal',
    'PRE_CREATE_CHECK_FAILED',
    `pre-create check failed: ${errorMessage(cause)}`,
    { hints: known?.hints ?? [], cause },
  );
}

export function nothingToAdopt(hostname: string): TsmachineError {
  const what = 'neither our agent nor a Docker Engine that the login may use';
  return new TsmachineError('not-found', 'NOTHING_TO_ADOPT', `host "${hostname}" has ${what}`, {
    hints: ['run "tsmachine create --driver ssh" to put the agent on it, beside what is there'],
  });
}

export function loginNeedsRoot(hostname: string): TsmachineError {
  return new TsmachineError(
    'permission-denied',
    'LOGIN_NEEDS_ROOT',
    `to be let in by the agent on "${hostname}", the login must be root's or have sudo without a password`,
  );
}
