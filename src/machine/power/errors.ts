import { TsmachineError } from '../../shared/errors.js';

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
