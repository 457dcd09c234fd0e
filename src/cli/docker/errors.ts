import { systemErrorCode, TsmachineError } from '../../shared/errors.js';

/** A flag's value that cannot be meant; `why` completes the sentence and names the part that is wrong. */
export function flagInvalid(flag: string, value: string, why: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'FLAG_INVALID',
    `invalid value "${value}" for ${flag}: ${why}`,
  );
}

/** In docker's words. */
export function timeInvalid(flag: string, text: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'TIME_INVALID',
    `invalid value for "${flag.replace(/^--/, '')}": failed to parse value as time or duration: "${text}"`,
    { hints: ['write a time such as 2026-01-02T13:23:37Z or a duration such as 42m'] },
  );
}

/** In docker's words. */
export function conflictingOptions(message: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'CONFLICTING_OPTIONS', message);
}

export function containerIdFileExists(path: string): TsmachineError {
  return new TsmachineError(
    'already-exists',
    'CONTAINER_ID_FILE_EXISTS',
    `container ID file found, make sure the other container isn't running or delete ${path}`,
  );
}

export function envFileInvalid(path: string, why: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'ENV_FILE_INVALID',
    `invalid environment file "${path}": ${why}`,
  );
}

/** In docker's words where the system says why. */
export function fileUnreadable(path: string, cause: unknown): TsmachineError {
  const known = systemWords[systemErrorCode(cause) ?? ''];
  const why = cause instanceof Error ? cause.message : String(cause);
  const message = known === undefined ? `cannot read "${path}": ${why}` : `open ${path}: ${known}`;
  return new TsmachineError('not-found', 'FILE_UNREADABLE', message, { cause });
}

const systemWords: Readonly<Record<string, string>> = {
  ENOENT: 'no such file or directory',
  EACCES: 'permission denied',
  EISDIR: 'is a directory',
};

export function argumentMissing(name: string, usage: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'ARGUMENT_MISSING', `${name} is missing`, {
    hints: [`write ${usage}`],
  });
}

export function inputNotTerminal(): TsmachineError {
  return new TsmachineError('invalid-argument', 'INPUT_NOT_TERMINAL', 'the input device is not a TTY', {
    hints: ['leave out -t when the input is a pipe or a file'],
  });
}

export function inputIsTerminal(what: string, hint: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'INPUT_IS_TERMINAL', `cannot read ${what} from a terminal`, {
    hints: [hint],
  });
}

/** In docker's words. */
export function noClusterVolume(): TsmachineError {
  return new TsmachineError('invalid-argument', 'NO_CLUSTER_VOLUME', 'can only update cluster volumes', {
    hints: ['make a new volume and copy what is in this one with "tsmachine volume copy"'],
  });
}

/** In docker's words; its exit code is 1. */
export function leftByKeys(): TsmachineError {
  return new TsmachineError('canceled', 'DETACHED', 'read escape sequence');
}

export function waitFailed(message: string): TsmachineError {
  return new TsmachineError('internal', 'CONTAINER_WAIT_FAILED', `error waiting for container: ${message}`);
}

export function outputClosed(): TsmachineError {
  return new TsmachineError('canceled', 'OUTPUT_CLOSED', 'whoever read the output has closed it');
}

export function portNotPublished(port: string, container: string): TsmachineError {
  return new TsmachineError(
    'not-found',
    'PORT_NOT_PUBLISHED',
    `Error: No public port '${port}' published for ${container}`,
    { hints: ['run "tsmachine port" with the container alone to see what it publishes'] },
  );
}

export function pruneNotConfirmed(): TsmachineError {
  return new TsmachineError('invalid-argument', 'PRUNE_NOT_CONFIRMED', 'nobody has answered', {
    hints: ['give --force to remove without asking'],
  });
}

export function outputIsTerminal(what: string, hint: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'OUTPUT_IS_TERMINAL',
    `cowardly refusing to write ${what} to a terminal`,
    { hints: [hint] },
  );
}

export function tagWithAllTags(): TsmachineError {
  return new TsmachineError('invalid-argument', 'TAG_WITH_ALL_TAGS', "tag can't be used with --all-tags/-a", {
    hints: ['leave out the tag, or --all-tags'],
  });
}

export function attachRefused(message: string): TsmachineError {
  return new TsmachineError('conflict', 'ATTACH_REFUSED', message, {
    hints: ['"container start -a -i" starts a container and attaches to it'],
  });
}

export function oneContainerOnly(): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'ONE_CONTAINER_ONLY',
    'you cannot start and attach multiple containers at once',
    { hints: ['name one container, or leave out -a and -i'] },
  );
}

export function volumeMissing(name: string, machine: string): TsmachineError {
  return new TsmachineError(
    'not-found',
    'VOLUME_MISSING',
    `volume "${name}" does not exist on "${machine}"`,
    {
      hints: [`run "tsmachine volume ls -m ${machine}" to see which are there`],
    },
  );
}

/** Something has written to the source or the target while it was copied. */
export function volumeDiffers(name: string, paths: readonly string[]): TsmachineError {
  const some = paths.slice(0, 5).join(', ');
  const more = paths.length > 5 ? ` and ${paths.length - 5} more` : '';
  return new TsmachineError(
    'data-loss',
    'VOLUME_DIFFERS',
    `the copy of volume "${name}" differs in ${some}${more}`,
    { hints: ['run the same command again; stop the containers that write to the volume before'] },
  );
}

export function volumeLocationInvalid(text: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'VOLUME_LOCATION_INVALID',
    `"${text}" names no volume of a machine`,
    {
      hints: ['write MACHINE:VOLUME'],
    },
  );
}

export function copyImpossible(message: string): TsmachineError {
  return new TsmachineError('conflict', 'COPY_IMPOSSIBLE', message);
}
