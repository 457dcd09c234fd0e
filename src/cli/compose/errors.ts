import { TsmachineError } from '../../shared/errors.js';

export function buildSecretUnsupported(service: string, secret: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'BUILD_SECRET_UNSUPPORTED',
    `services.${service}.build.secrets: "${secret}" is neither from a file nor from the environment`,
    { hints: [`give secrets.${secret} a "file" or an "environment"`] },
  );
}

/** Services whose images need each other. */
export function buildCycle(services: readonly string[]): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'BUILD_CYCLE',
    `the builds of services begin with each other's images: ${services.join(' -> ')}`,
  );
}

export function contextServiceUnknown(service: string, other: string): TsmachineError {
  return new TsmachineError(
    'not-found',
    'BUILD_CONTEXT_SERVICE_UNKNOWN',
    `services.${service}.build.additional_contexts: there is no service "${other}" that is built`,
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

/** Of a variable named COMPOSE_…; in Docker Compose's words. */
export function settingInvalid(message: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'COMPOSE_SETTING_INVALID', message, {
    hints: ['look for it in the environment and in .env'],
  });
}
