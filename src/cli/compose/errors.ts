import { TsmachineError } from '../../shared/errors.js';

export function buildKitNeeded(service: string, key: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'BUILDKIT_NEEDED',
    `services.${service}.build.${key} needs BuildKit, which this command does not speak`,
    { hints: ['build it with "docker compose build" on this machine: eval "$(tsmachine env)"'] },
  );
}

/** In Docker Compose's words. */
export function flagsConflict(message: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'FLAGS_CONFLICT', message, {
    hints: ['leave one of them out'],
  });
}

/** What was started before something failed stays: this says so. */
export function startFailed(cause: TsmachineError, started: readonly string[]): TsmachineError {
  if (started.length === 0) return cause;
  return new TsmachineError(cause.kind, cause.code, cause.message, {
    hints: [
      ...cause.hints,
      `started before this happened: ${started.join(', ')}`,
      'run "tsmachine compose down" to remove what was made, or "tsmachine compose up" again to go on',
    ],
    cause,
  });
}

export function notConfirmed(): TsmachineError {
  return new TsmachineError('invalid-argument', 'REMOVAL_NOT_CONFIRMED', 'nobody can be asked here', {
    hints: ['give --force to remove without asking'],
  });
}

export function noPublicPort(port: string, container: string): TsmachineError {
  return new TsmachineError('not-found', 'PORT_NOT_PUBLISHED', `no port ${port} for container ${container}`, {
    hints: ['run "tsmachine compose ps" to see what is published'],
  });
}
