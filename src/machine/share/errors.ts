import { TsmachineError } from '../../shared/errors.js';

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

export function importFailed(failures: readonly string[]): TsmachineError {
  return new TsmachineError('unavailable', 'IMPORT_FAILED', `not imported: ${failures.join('\n')}`);
}
