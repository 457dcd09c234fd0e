import { errorMessage, isTsmachineError, TsmachineError } from '../shared/errors.js';

// Some messages keep docker-machine's words, capitals and all: programs that drive it match on them.

export function machineNotCreated(name: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'MACHINE_NOT_CREATED',
    `the host of machine "${name}" was never completely made`,
    {
      hints: [`run "tsmachine create --resume ${name}" to finish it, or "tsmachine rm ${name}"`],
    },
  );
}

export function hostNotRunning(name: string): TsmachineError {
  return new TsmachineError('conflict', 'MACHINE_NOT_RUNNING', `Host is not running: "${name}"`, {
    hints: [`run "tsmachine start ${name}"`],
  });
}

export function machineNotReady(name: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'MACHINE_NOT_READY',
    `machine "${name}" is not ready: its creation was not finished`,
    {
      hints: [`run "tsmachine create --resume ${name}" to finish it`],
    },
  );
}

export function authorityKeyMissing(path: string): TsmachineError {
  return new TsmachineError('data-loss', 'AUTHORITY_KEY_MISSING', `"${path}" is missing`, {
    hints: ['put it back from a backup: the certificates of all machines depend on it'],
  });
}

/** `what`: "suspend a host". */
export function driverCannot(driver: string, what: string): TsmachineError {
  return new TsmachineError('not-implemented', 'DRIVER_CANNOT', `driver ${driver} cannot ${what}`);
}

export function renameBreaksFiles(name: string, path: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'RENAME_BREAKS_FILES',
    `machine "${name}" cannot be renamed: its host uses "${path}"`,
  );
}

export function driverFindsNothing(driver: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'DRIVER_FINDS_NOTHING',
    `driver ${driver} makes nothing at a provider that could be left over`,
  );
}

/** What belongs to these machines cannot be told from garbage. */
export function ownerUnknown(machines: readonly string[]): TsmachineError {
  const quoted = machines.map((name) => `"${name}"`).join(', ');
  return new TsmachineError(
    'data-loss',
    'OWNER_UNKNOWN',
    `will not remove anything while the record of ${quoted} cannot be read`,
    { hints: machines.map((name) => `run "tsmachine rm --force ${name}" if the machine is lost`) },
  );
}

/** The same error with more advice; anything foreign becomes `internal`. */
export function withHints(error: unknown, hints: readonly string[]): TsmachineError {
  const known = isTsmachineError(error) ? error : undefined;
  return new TsmachineError(known?.kind ?? 'internal', known?.code ?? 'UNEXPECTED', errorMessage(error), {
    hints: [...(known?.hints ?? []), ...hints],
    cause: error,
  });
}

export function interrupted(what: string, hints: readonly string[]): TsmachineError {
  return new TsmachineError('canceled', 'INTERRUPTED', `${what} was interrupted`, { hints });
}
