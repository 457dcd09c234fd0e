import { TsmachineError } from '../../shared/errors.js';

/** The policy does not let the image in; `reason` says what is missing. */
export function imageNotTrusted(image: string, reason: string): TsmachineError {
  return new TsmachineError(
    'permission-denied',
    'IMAGE_NOT_TRUSTED',
    `image ${image} is refused by the image policy of this host: ${reason}`,
  );
}

/** Nothing is let in until it is put right. */
export function imagePolicyInvalid(path: string, reason: string, cause?: unknown): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'IMAGE_POLICY_INVALID',
    `cannot use the image policy "${path}": ${reason}`,
    { cause },
  );
}
