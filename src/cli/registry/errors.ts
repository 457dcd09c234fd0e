import { TsmachineError } from '../../shared/errors.js';

export function credentialHelperFailed(program: string, why: string): TsmachineError {
  const words = why.trim().split('\n')[0] || 'it says nothing';
  return new TsmachineError('unavailable', 'CREDENTIAL_HELPER_FAILED', `"${program}" failed: ${words}`, {
    hints: ['docker keeps logins with it, as its config.json says; see whether "docker login" works'],
  });
}

export function dockerConfigInvalid(path: string, why: string, cause?: unknown): TsmachineError {
  return new TsmachineError('invalid-argument', 'DOCKER_CONFIG_INVALID', `cannot use "${path}": ${why}`, {
    cause,
  });
}

export function passwordNotGiven(): TsmachineError {
  return new TsmachineError('invalid-argument', 'PASSWORD_NOT_GIVEN', 'there is no password', {
    hints: ['pipe it in: tsmachine login --username NAME --password-stdin REGISTRY <password-file'],
  });
}

export function usernameNotGiven(): TsmachineError {
  return new TsmachineError('invalid-argument', 'USERNAME_NOT_GIVEN', 'there is no user name', {
    hints: ['give it with --username'],
  });
}
