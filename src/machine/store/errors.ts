import { TsmachineError } from '../../shared/errors.js';

// Some messages keep docker-machine's words, capitals and all: programs that drive it match on them.

export function machineNotFound(name: string): TsmachineError {
  return new TsmachineError('not-found', 'MACHINE_NOT_FOUND', `Docker machine "${name}" does not exist`, {
    hints: [`run "tsmachine ls" to see the machines, or "tsmachine create ${name}" to make it`],
  });
}

export function machineExists(name: string, phase: 'creating' | 'provisioning' | 'ready'): TsmachineError {
  return new TsmachineError('already-exists', 'MACHINE_EXISTS', `Docker machine "${name}" already exists`, {
    hints: [existsHint(name, phase)],
  });
}

function existsHint(name: string, phase: string): string {
  const end = `"tsmachine rm ${name}"`;
  if (phase === 'ready') return `take another name, or remove it with ${end}`;
  return `its creation was not finished: run "tsmachine create --resume ${name}", or ${end}`;
}

/** Another command works on it. */
export function machineBusy(name: string, holder: number | undefined, cause: unknown): TsmachineError {
  const who = holder === undefined ? 'another process' : `process ${holder}`;
  return new TsmachineError('unavailable', 'MACHINE_BUSY', `machine "${name}" is in use by ${who}`, {
    hints: ['wait for the other command to finish'],
    cause,
  });
}

export function machineNameInvalid(name: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'MACHINE_NAME_INVALID',
    `Invalid hostname specified: "${name}". Allowed hostname chars are: 0-9a-zA-Z . -`,
    { hints: ['begin with a letter or a digit and use at most 63 characters'] },
  );
}

export function recordDamaged(name: string, cause?: unknown): TsmachineError {
  return new TsmachineError(
    'data-loss',
    'MACHINE_RECORD_DAMAGED',
    `the record of machine "${name}" is damaged`,
    {
      hints: [`run "tsmachine rm --force ${name}" to remove it from the store`],
      cause,
    },
  );
}

export function recordTooNew(name: string, version: number): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'STORE_VERSION_TOO_NEW',
    `machine "${name}" was written by a newer tsmachine (record version ${version})`,
    { hints: ['install the newest tsmachine'] },
  );
}

export function noActiveMachine(): TsmachineError {
  return new TsmachineError('not-found', 'NO_ACTIVE_MACHINE', 'No active host found', {
    hints: ['run "tsmachine use NAME", or eval "$(tsmachine env NAME)"'],
  });
}

export function noMachineNamed(): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'MACHINE_NAME_MISSING',
    'Error: No machine name specified and no "default" machine exists',
    { hints: ['give a name, or choose a machine with "tsmachine use NAME"'] },
  );
}

export function storeIdDamaged(path: string): TsmachineError {
  return new TsmachineError(
    'data-loss',
    'STORE_ID_DAMAGED',
    `"${path}" is damaged: it is not 12 hex digits`,
    {
      hints: [
        'put it back from a backup, or write the digits there that the owner tags of your machines begin with',
      ],
    },
  );
}
