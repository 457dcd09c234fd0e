import { TsmachineError } from '../errors.js';

/** The archive breaks the format or stops in the middle. Code TAR_INVALID. */
export function tarInvalid(reason: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'TAR_INVALID', `invalid tar archive: ${reason}`);
}
