import { TsmachineError } from '../../shared/errors.js';

export function passwordFileUnreadable(flag: string, path: string, why: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'PASSWORD_FILE_UNREADABLE',
    `--${flag} "${path}" cannot be read: ${why}`,
  );
}
