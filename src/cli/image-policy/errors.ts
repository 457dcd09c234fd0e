import { TsmachineError } from '../../shared/errors.js';

export function keyUnreadable(path: string, cause: unknown): TsmachineError {
  return new TsmachineError('invalid-argument', 'KEY_UNREADABLE', `"${path}" is no public key in PEM`, {
    hints: ['give the file cosign.pub that "cosign generate-key-pair" has made'],
    cause,
  });
}
