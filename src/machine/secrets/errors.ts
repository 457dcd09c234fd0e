import { TsmachineError } from '../../shared/errors.js';

export function noSuchSecret(driver: string, name: string, known: readonly string[]): TsmachineError {
  const hint = known.length === 0 ? 'it takes none' : `use one of ${known.join(', ')}`;
  return new TsmachineError(
    'invalid-argument',
    'NO_SUCH_SECRET',
    `driver ${driver} takes no secret "${name}"`,
    { hints: [hint] },
  );
}
