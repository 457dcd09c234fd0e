import { TsmachineError } from '../shared/errors.js';

/** In docker's words, which begin with what was being done. */
export function contextInvalid(why: string, hints: readonly string[] = [], cause?: unknown): TsmachineError {
  return new TsmachineError(
    'not-found',
    'BUILD_CONTEXT_INVALID',
    `unable to prepare context: ${why}`,
    cause === undefined ? { hints } : { hints, cause },
  );
}

export function contextUnreadable(path: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'permission-denied',
    'BUILD_CONTEXT_UNREADABLE',
    `error checking context: no permission to read from '${path}'`,
    { hints: ['make it readable, or name it in .dockerignore'], cause },
  );
}

/** A file has grown or shrunk between its header and its end. */
export function contextChanged(path: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'BUILD_CONTEXT_CHANGED',
    `"${path}" was changed while the build context was sent`,
    { hints: ['build again when nothing writes to it, or name it in .dockerignore'] },
  );
}

export function stdinTwice(): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'BUILD_STDIN_TWICE',
    "invalid argument: can't use stdin for both build context and dockerfile",
    { hints: ['write the Dockerfile into a file and name it with --file'] },
  );
}

export function downloadFailed(url: string, why: string, cause?: unknown): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'BUILD_CONTEXT_DOWNLOAD_FAILED',
    `unable to prepare context: unable to download remote context ${url}: ${why}`,
    cause === undefined ? {} : { cause },
  );
}

/** What is said to and by the engine while files are synchronised. */
export const syncBroken = (why: string) =>
  new TsmachineError('unavailable', 'BUILD_SYNC_FAILED', `the build context could not be sent: ${why}`);

/** A name that the engine must not use below the directory that it writes to. */
export const outputUnsafe = (path: string) =>
  new TsmachineError(
    'invalid-argument',
    'BUILD_OUTPUT_UNSAFE',
    `the engine sent ${JSON.stringify(path)}, which is no name to be expected in the output`,
  );

/** A directory that is to hold blobs by their digests. */
export const layoutInvalid = (directory: string) =>
  new TsmachineError(
    'invalid-argument',
    'OCI_LAYOUT_INVALID',
    `${directory} has an index.json that is none`,
    {
      hints: ['name another directory, or remove this one'],
    },
  );

export const localCacheInvalid = (message: string) =>
  new TsmachineError('invalid-argument', 'LOCAL_CACHE_INVALID', message, {
    hints: ['write --cache-from type=local,src=DIR and --cache-to type=local,dest=DIR'],
  });

export const sshAgentUnknown = (id: string) =>
  new TsmachineError('not-found', 'BUILD_SSH_UNKNOWN', `unset ssh forward key ${id}`, {
    hints: [`add --ssh ${id}`],
  });
