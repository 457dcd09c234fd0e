import type { SecretStoreChoice } from '../secrets/secret-vault.js';
import { TsmachineError } from '../shared/errors.js';

export const secretStoreChoices = ['auto', 'keyring', 'file'] as const satisfies readonly SecretStoreChoice[];

/** Of the flag or TSMACHINE_SECRET_STORE; `auto` where neither is given. Throws SECRET_STORE_INVALID. */
export function secretStoreChoice(given: string | undefined): SecretStoreChoice {
  const chosen = secretStoreChoices.find((choice) => choice === (given ?? 'auto'));
  if (chosen) return chosen;
  throw new TsmachineError(
    'invalid-argument',
    'SECRET_STORE_INVALID',
    `TSMACHINE_SECRET_STORE "${given}" names no secret store`,
    { hints: [`use one of ${secretStoreChoices.join(', ')}`] },
  );
}
