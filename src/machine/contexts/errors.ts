import { TsmachineError } from '../../shared/errors.js';

const namePattern = '^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$';

/** Docker's rule and words. Throws CONTEXT_NAME_INVALID. */
export function checkContextName(name: string): void {
  if (name === 'default') throw nameInvalid('"default" is a reserved context name', 'choose another name');
  if (new RegExp(namePattern).test(name)) return;
  throw nameInvalid(
    `context name "${name}" is invalid, names are validated against regexp "${namePattern}"`,
    'it needs two characters at least',
  );
}

function nameInvalid(message: string, hint: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'CONTEXT_NAME_INVALID', message, { hints: [hint] });
}

export function contextNotFound(name: string): TsmachineError {
  return new TsmachineError('not-found', 'CONTEXT_NOT_FOUND', `context "${name}": context not found`, {
    hints: ['run "tsmachine context ls" to see those that there are'],
  });
}

export function contextExists(name: string): TsmachineError {
  return new TsmachineError('already-exists', 'CONTEXT_EXISTS', `context "${name}" already exists`, {
    hints: ['change it with "tsmachine context update", or choose another name'],
  });
}

export function contextNotOurs(name: string): TsmachineError {
  return new TsmachineError(
    'already-exists',
    'CONTEXT_EXISTS',
    `docker has a context "${name}" that is not of this store`,
    { hints: [`remove it with "docker context rm ${name}"`] },
  );
}

export function contextInUse(name: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'CONTEXT_IN_USE',
    `context "${name}" is in use, set -f flag to force remove`,
    { hints: ['choose another one with "tsmachine context use"'] },
  );
}

export function contextIsDefault(): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'CONTEXT_IS_DEFAULT',
    'context "default" cannot be removed or changed: it is what DOCKER_HOST says',
  );
}

export function contextArchiveInvalid(reason: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'CONTEXT_ARCHIVE_INVALID', `invalid context: ${reason}`, {
    hints: ['it is an archive that "context export" has written'],
  });
}

export function endpointInvalid(reason: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'CONTEXT_ENDPOINT_INVALID',
    `unable to create docker endpoint config: ${reason}`,
    { hints: ['it has host=, ca=, cert=, key= and skip-tls-verify=, or from=CONTEXT alone'] },
  );
}
