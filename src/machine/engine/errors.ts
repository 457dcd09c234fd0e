import { errorMessage, TsmachineError } from '../../shared/errors.js';

export function engineUnreachable(url: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'ENGINE_UNREACHABLE',
    `the agent on ${url} does not answer: ${errorMessage(cause)}`,
    { hints: ['check that no firewall closes the port', 'provision the machine again'], cause },
  );
}

export function engineTimeout(url: string, milliseconds: number): TsmachineError {
  return new TsmachineError(
    'deadline-exceeded',
    'ENGINE_TIMEOUT',
    `the agent on ${url} did not answer within ${milliseconds / 1000}s`,
    { hints: ['check that the host is running and no firewall drops the port'] },
  );
}

export function certificateRefused(url: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'unauthenticated',
    'CERTIFICATE_INVALID',
    `the certificates for ${url} are not accepted: ${errorMessage(cause)}`,
    { hints: ['provision the machine again, which sends new certificates'], cause },
  );
}

export function engineOverSshOnly(name: string): TsmachineError {
  return new TsmachineError(
    'not-implemented',
    'ENGINE_OVER_SSH_ONLY',
    `the Docker Engine of machine "${name}" is reached over SSH only, which the docker client does`,
    { hints: [`run eval "$(tsmachine env ${name})", and then docker itself`] },
  );
}

export function engineNotOurs(name: string): TsmachineError {
  return new TsmachineError(
    'conflict',
    'ENGINE_NOT_OURS',
    `the engine of machine "${name}" was installed by somebody else and is left to them`,
    { hints: ['change it from the store that made it, or with the tools of the host'] },
  );
}
