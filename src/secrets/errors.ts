import { errorMessage, TsmachineError } from '../shared/errors.js';

export function keyringUnavailable(why: string, cause?: unknown): TsmachineError {
  return new TsmachineError('unavailable', 'KEYRING_UNAVAILABLE', `the keyring cannot be used: ${why}`, {
    hints: [
      'unlock the keyring, or run the command in a session of your desktop',
      'or keep secrets in files: --secret-store file',
    ],
    cause,
  });
}

/** Somebody else owns it, may read it, or has put a link in its place. */
export function secretStoreUnsafe(path: string, why: string): TsmachineError {
  return new TsmachineError(
    'permission-denied',
    'SECRET_STORE_UNSAFE',
    `will not use "${path}" for secrets: ${why}`,
    { hints: ['make it yours alone with chown and "chmod go=", and change the secrets that were in it'] },
  );
}

export function secretDamaged(path: string, cause?: unknown): TsmachineError {
  return new TsmachineError('data-loss', 'SECRET_DAMAGED', `the secret in "${path}" is damaged`, {
    hints: ['remove the file and give the secret again with "tsmachine set --secret"'],
    cause,
  });
}

export function passphraseNeeded(path: string): TsmachineError {
  return new TsmachineError(
    'unauthenticated',
    'SECRET_PASSPHRASE_NEEDED',
    `the secret in "${path}" is encrypted`,
    { hints: ['give its passphrase: set TSMACHINE_PASSPHRASE_FILE or TSMACHINE_PASSPHRASE'] },
  );
}

export function passphraseWrong(path: string): TsmachineError {
  return new TsmachineError(
    'unauthenticated',
    'SECRET_PASSPHRASE_WRONG',
    `the passphrase does not open the secret in "${path}"`,
    {
      hints: ['give the one with which it was stored, in TSMACHINE_PASSPHRASE_FILE or TSMACHINE_PASSPHRASE'],
    },
  );
}

export function passphraseFileUnreadable(path: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'SECRET_PASSPHRASE_FILE_UNREADABLE',
    `TSMACHINE_PASSPHRASE_FILE "${path}" cannot be read: ${errorMessage(cause)}`,
    { cause },
  );
}

export function secretReferenceInvalid(reference: string): TsmachineError {
  return new TsmachineError(
    'data-loss',
    'SECRET_REFERENCE_INVALID',
    `"${reference}" does not say where a secret is`,
  );
}
