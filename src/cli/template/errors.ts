import { TsmachineError } from '../../shared/errors.js';

export function formatInvalid(reason: string, hints: readonly string[] = []): TsmachineError {
  return new TsmachineError('invalid-argument', 'FORMAT_INVALID', `invalid format: ${reason}`, { hints });
}
