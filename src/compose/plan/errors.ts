import { errorMessage, TsmachineError } from '../../shared/errors.js';

// In Docker Compose's words where it has some.

export function containerNameTaken(service: string, name: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'CONTAINER_NAME_NOT_SCALABLE',
    `the "${service}" service is using the custom container name "${name}": each container needs a unique name`,
    { hints: ['remove container_name to scale the service'] },
  );
}

export function externalNetworkMissing(name: string, machine: string): TsmachineError {
  return new TsmachineError(
    'not-found',
    'EXTERNAL_NETWORK_MISSING',
    `network ${name} declared as external, but could not be found`,
    { hints: [`run "tsmachine network create -m ${machine} ${name}" to make it`] },
  );
}

export function externalVolumeMissing(name: string, machine: string): TsmachineError {
  return new TsmachineError('not-found', 'EXTERNAL_VOLUME_MISSING', `external volume "${name}" not found`, {
    hints: [`run "tsmachine volume create -m ${machine} ${name}" to make it`],
  });
}

export function networkOfOther(name: string, found: string, expected: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'NETWORK_OF_OTHER',
    `network ${name} was found but has incorrect label com.docker.compose.network set to "${found}" (expected: "${expected}")`,
    { hints: ['give the network another name, or set "external: true" to use the one that is there'] },
  );
}

export function sharingImpossible(what: string, name: string, why = 'container missing'): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'SHARING_IMPOSSIBLE',
    `cannot share ${what} with service ${name}: ${why}`,
  );
}

export function externalFile(kind: 'secret' | 'config', name: string): TsmachineError {
  return new TsmachineError('not-implemented', 'EXTERNAL_FILE', `unsupported external ${kind} ${name}`, {
    hints: [`give the ${kind} a file, or the name of a variable as its environment`],
  });
}

export function variableNotSet(variable: string, kind: string, name: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'VARIABLE_NOT_SET',
    `environment variable "${variable}" required by ${kind} "${name}" is not set`,
  );
}

export function fileUnreadable(kind: string, name: string, file: string, cause: unknown): TsmachineError {
  return new TsmachineError('not-found', 'FILE_UNREADABLE', `cannot read ${file} of ${kind} "${name}"`, {
    hints: [errorMessage(cause)],
    cause,
  });
}

export function attributeUnsupported(service: string, attribute: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'ATTRIBUTE_UNSUPPORTED',
    `services.${service}.${attribute} is not supported`,
    { hints: [`give the service "${service}" a profile, to start the others without it`] },
  );
}

export function dependencyFailed(message: string): TsmachineError {
  return new TsmachineError('internal', 'DEPENDENCY_FAILED', message);
}

export function waitTimedOut(): TsmachineError {
  return new TsmachineError(
    'deadline-exceeded',
    'PROJECT_WAIT_TIMEOUT',
    'timeout waiting for dependencies: application not healthy',
  );
}

export function serviceNotRunning(service: string, number?: number): TsmachineError {
  const which = number === undefined ? '' : ` container #${number}`;
  return new TsmachineError(
    'not-found',
    'SERVICE_NOT_RUNNING',
    `service "${service}" is not running${which}`,
    {
      hints: [`run "tsmachine compose up -d ${service}" to start it`],
    },
  );
}

export function noContainer(service: string): TsmachineError {
  return new TsmachineError('not-found', 'NO_CONTAINER', `service "${service}" has no container to start`, {
    hints: [`run "tsmachine compose up -d ${service}" to make it`],
  });
}

export function imageMissing(image: string, service: string): TsmachineError {
  return new TsmachineError(
    'not-found',
    'IMAGE_MISSING',
    `no such image: ${image} of service "${service}", and it is not to be pulled or built`,
  );
}

export function networkAcrossMachines(service: string, other: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'NETWORK_ACROSS_MACHINES',
    `service "${service}" shares a namespace or volumes with "${other}", which is on another machine`,
    { hints: ['put both on the same machine'] },
  );
}

export function hookFailed(command: readonly string[], code: number, output: string): TsmachineError {
  const written = output.trim() === '' ? '' : `: ${output.trim()}`;
  return new TsmachineError(
    'internal',
    'HOOK_FAILED',
    `the hook "${command.join(' ')}" exited with status ${code}${written}`,
  );
}

export function profileUnreadable(path: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'not-found',
    'SECCOMP_PROFILE_UNREADABLE',
    `opening seccomp profile (${path}) failed`,
    {
      cause,
    },
  );
}
