import { errorMessage, TsmachineError } from '../shared/errors.js';

/** `legacy` is a plugin of docker-machine's for a driver of this name, if one is on PATH. */
export function driverNotFound(name: string, known: readonly string[], legacy?: string): TsmachineError {
  const present =
    legacy === undefined ? '' : ` ("${legacy}" is a plugin of docker-machine, which this is not)`;
  const instead = [
    `"tsmachine driver install PACKAGE" adds one`,
    ...(legacy === undefined
      ? []
      : ['"tsmachine create --driver ssh" and "tsmachine adopt" take hosts that something else has made']),
  ];
  return new TsmachineError('not-found', 'DRIVER_NOT_FOUND', `driver "${name}" does not exist${present}`, {
    hints: [`use one of ${known.join(', ')}`, ...instead],
  });
}

export function driverPackageBroken(name: string, reason: string, cause?: unknown): TsmachineError {
  const because = cause === undefined ? '' : `: ${errorMessage(cause)}`;
  return new TsmachineError(
    'unavailable',
    'DRIVER_PACKAGE_BROKEN',
    `driver package "${name}" is unusable: ${reason}${because}`,
    { hints: [`install it again, or remove it with "tsmachine driver rm ${name}"`], cause },
  );
}

export function driverPackageVersion(name: string, offered: unknown, wanted: number): TsmachineError {
  const newer = typeof offered === 'number' && offered > wanted;
  return new TsmachineError(
    'unavailable',
    'DRIVER_PACKAGE_VERSION',
    `driver package "${name}" is written for version ${offered} of the driver contract; this program has ${wanted}`,
    { hints: [newer ? 'install a current tsmachine' : `install a current version of "${name}"`] },
  );
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

export function driverCannotChange(driver: string, what: string, value: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'DRIVER_CANNOT_CHANGE',
    `driver ${driver} cannot change the ${what} of a host to "${value}"`,
  );
}
