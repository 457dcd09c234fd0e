import { errorMessage, TsmachineError } from '../shared/errors.js';

export function confirmationNeeded(names: readonly string[]): TsmachineError {
  const quoted = names.map((name) => `"${name}"`).join(', ');
  return new TsmachineError(
    'conflict',
    'CONFIRMATION_NEEDED',
    `will not remove ${quoted} without being asked to`,
    {
      hints: ['there is no terminal to ask on: add --yes'],
    },
  );
}

export function namePatternInvalid(pattern: string, why: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'NAME_PATTERN_INVALID',
    `"${pattern}" ${why}, and --count was given`,
    {
      hints: ['name the machines with one pattern, such as web-{n}'],
    },
  );
}

export function driverPackageNotInstalled(specifier: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'DRIVER_PACKAGE_NOT_INSTALLED',
    `npm cannot install "${specifier}": ${errorMessage(cause)}`,
    { hints: ['give the name of an npm package, or the path of a directory or tarball'], cause },
  );
}

export function driverPackageEmpty(name: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'DRIVER_PACKAGE_EMPTY', `package "${name}" has no driver`, {
    hints: ['the package.json of a driver package says "tsmachine": {"drivers": {"NAME": "./module.js"}}'],
  });
}

export function driverPackageAbsent(name: string): TsmachineError {
  return new TsmachineError('not-found', 'DRIVER_PACKAGE_ABSENT', `package "${name}" is not installed`, {
    hints: ['run "tsmachine driver ls" to see what is'],
  });
}
export function flagInvalid(flag: string, value: string, why: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'FLAG_INVALID', `--${flag} "${value}" ${why}`);
}

export function nothingToChange(): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'NOTHING_TO_CHANGE',
    'nothing was said that is to be changed',
    {
      hints: ['run "tsmachine set --help" to see what can be'],
    },
  );
}

export function adoptionNotConfirmed(name: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'CONFIRMATION_NEEDED',
    `will not adopt "${name}" without being asked to`,
    {
      hints: ['there is no terminal to ask on: add --yes'],
    },
  );
}

export function notImportable(path: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'not-found',
    'NOT_IMPORTABLE',
    `"${path}" cannot be read: ${errorMessage(cause)}`,
    {
      hints: ['give the store of docker-machine, or a file that "tsmachine export" wrote'],
      cause,
    },
  );
}

export function sshfsMissing(): TsmachineError {
  return new TsmachineError('unavailable', 'SSHFS_MISSING', 'sshfs is not installed on this computer', {
    hints: ['install the package sshfs, or use "tsmachine scp"'],
  });
}

export function sshProgramMissing(): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'SSH_PROGRAM_MISSING',
    'this option needs the program ssh, which is not installed on this computer',
    { hints: ["install OpenSSH's client; without it there are -t, -N, -L and -l"] },
  );
}

export function mountFailed(what: string, reason: string): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'MOUNT_FAILED',
    `mounting or unmounting ${what} failed: ${reason}`,
  );
}

export function secretNotGiven(option: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'SECRET_NOT_GIVEN', `no value for "${option}" was given`, {
    hints: ['type it on the terminal, or give it on standard input; --forget removes what was kept'],
  });
}
