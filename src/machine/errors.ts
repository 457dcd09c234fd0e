import { errorMessage, isTsmachineError, TsmachineError } from '../shared/errors.js';

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

export function preCreateCheckFailed(cause: unknown): TsmachineError {
  const known = isTsmachineError(cause) ? cause : undefined;
  return new TsmachineError(
    known?.kind ?? 'internal',
    'PRE_CREATE_CHECK_FAILED',
    `pre-create check failed: ${errorMessage(cause)}`,
    { hints: known?.hints ?? [], cause },
  );
}

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

export function engineUnreachable(url: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'ENGINE_UNREACHABLE',
    `the agent on ${url} does not answer: ${errorMessage(cause)}`,
    { hints: ['check that no firewall closes the port', 'provision the machine again'], cause },
  );
}

export function engineTimeout(url: string, milliseconds: number): TsmachineError {
  return new TsmachineError(
    'deadline-exceeded',
    'ENGINE_TIMEOUT',
    `the agent on ${url} did not answer within ${milliseconds / 1000}s`,
    { hints: ['check that the host is running and no firewall drops the port'] },
  );
}

export function certificateRefused(url: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'unauthenticated',
    'CERTIFICATE_INVALID',
    `the certificates for ${url} are not accepted: ${errorMessage(cause)}`,
    { hints: ['provision the machine again, which sends new certificates'], cause },
  );
}

export function authorityKeyMissing(path: string): TsmachineError {
  return new TsmachineError('data-loss', 'AUTHORITY_KEY_MISSING', `"${path}" is missing`, {
    hints: ['put it back from a backup: the certificates of all machines depend on it'],
  });
}

export function passwordFileUnreadable(flag: string, path: string, why: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'PASSWORD_FILE_UNREADABLE',
    `--${flag} "${path}" cannot be read: ${why}`,
  );
}

export function rebootRefused(name: string, why: string): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'REBOOT_REFUSED',
    `the host of "${name}" does not reboot: ${why}`,
    {
      hints: [`look at it with "tsmachine ssh ${name}"`],
    },
  );
}

export function noSuchSecret(driver: string, name: string, known: readonly string[]): TsmachineError {
  const hint = known.length === 0 ? 'it takes none' : `use one of ${known.join(', ')}`;
  return new TsmachineError(
    'invalid-argument',
    'NO_SUCH_SECRET',
    `driver ${driver} takes no secret "${name}"`,
    { hints: [hint] },
  );
}

/** `what`: "suspend a host". */
export function driverCannot(driver: string, what: string): TsmachineError {
  return new TsmachineError('not-implemented', 'DRIVER_CANNOT', `driver ${driver} cannot ${what}`);
}

export function machineNotSuspended(name: string): TsmachineError {
  return new TsmachineError('conflict', 'MACHINE_NOT_SUSPENDED', `machine "${name}" is not suspended`, {
    hints: [`run "tsmachine start ${name}"`],
  });
}

export function snapshotNameInvalid(name: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'SNAPSHOT_NAME_INVALID',
    `"${name}" cannot be the name of a snapshot`,
    { hints: ['use letters, digits and _ . : -, at most 128 of them'] },
  );
}

export function renameBreaksFiles(name: string, path: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'RENAME_BREAKS_FILES',
    `machine "${name}" cannot be renamed: its host uses "${path}"`,
  );
}

export function machineFileInvalid(path: string, why: string, cause?: unknown): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'MACHINE_FILE_INVALID',
    `"${path}" cannot be imported: ${why}`,
    {
      hints: ['give a file that "tsmachine export" wrote, or the store of docker-machine'],
      cause,
    },
  );
}

export function fileExists(path: string): TsmachineError {
  return new TsmachineError('already-exists', 'FILE_EXISTS', `"${path}" exists already`, {
    hints: ['choose another file'],
  });
}

export function hopsNotShared(name: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'HOPS_NOT_SHARED',
    `machine "${name}" is reached through other hosts, which cannot be exported`,
  );
}

export function shareNotFound(
  machine: string,
  which: string,
  shares: readonly { readonly id: string; readonly who: string }[],
): TsmachineError {
  const known = shares.map(({ id, who }) => `${who} (${id})`).join(', ');
  return new TsmachineError(
    'not-found',
    'SHARE_NOT_FOUND',
    `machine "${machine}" was not exported for "${which}"`,
    {
      hints: known === '' ? [] : [`it was for ${known}`],
    },
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

export function importFailed(failures: readonly string[]): TsmachineError {
  return new TsmachineError('unavailable', 'IMPORT_FAILED', `not imported: ${failures.join('\n')}`);
}

export function engineOverSshOnly(name: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'ENGINE_OVER_SSH_ONLY',
    `the Docker Engine of machine "${name}" is reached over SSH only, which the docker client does`,
    { hints: [`run eval "$(tsmachine env ${name})", and then docker itself`] },
  );
}

export function engineNotOurs(name: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'ENGINE_NOT_OURS',
    `the engine of machine "${name}" was installed by somebody else and is left to them`,
    { hints: ['change it from the store that made it, or with the tools of the host'] },
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
