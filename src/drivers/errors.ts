import { TsmachineError } from '../shared/errors.js';

export function driverNotFound(name: string, known: readonly string[]): TsmachineError {
  return new TsmachineError('not-found', 'DRIVER_NOT_FOUND', `driver "${name}" does not exist`, {
    hints: [`use one of ${known.join(', ')}`],
  });
}

export function driverOptionInvalid(
  flag: string,
  value: string,
  reason: string,
  hint?: string,
): TsmachineError {
  return new TsmachineError('invalid-argument', 'DRIVER_OPTION_INVALID', `--${flag} "${value}" ${reason}`, {
    hints: hint === undefined ? [] : [hint],
  });
}

/** The driver has no way to do this to its hosts; `hint` says how the user can. */
export function driverCannotPower(driver: string, verb: string, hint: string): TsmachineError {
  return new TsmachineError('conflict', 'DRIVER_CANNOT_POWER', `driver ${driver} cannot ${verb} a host`, {
    hints: [hint],
  });
}
