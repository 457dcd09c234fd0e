import { errorMessage, systemErrorCode, TsmachineError } from '../../shared/errors.js';

// In Docker Compose's words where it has some.

export function nothingToWatch(): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'WATCH_NOT_CONFIGURED',
    "none of the selected services is configured for watch, consider setting a 'develop' section",
    { hints: ['give a service "develop: { watch: [{ path: ./src, action: sync, target: /app/src }] }"'] },
  );
}

export function rebuildImpossible(service: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'WATCH_REBUILD_IMPOSSIBLE',
    `can't watch service "${service}" with action rebuild without a build context`,
    { hints: [`give the service "build:", or another action, "sync" for one`] },
  );
}

export function execMissing(service: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'WATCH_EXEC_MISSING',
    `can't watch with action "sync+exec" on service ${service} without a command`,
    { hints: ['give the rule "exec: { command: … }"'] },
  );
}

/** The system watches no more files. */
export function watchFailed(cause: unknown): TsmachineError {
  const isLimit = ['ENOSPC', 'EMFILE'].includes(systemErrorCode(cause) ?? '');
  const hints = isLimit
    ? [
        'leave directories with many files out by "ignore" or .dockerignore',
        'or allow more: sysctl fs.inotify.max_user_watches=524288',
      ]
    : [];
  return new TsmachineError('internal', 'WATCH_FAILED', `files cannot be watched: ${errorMessage(cause)}`, {
    ...{ hints, cause },
  });
}
