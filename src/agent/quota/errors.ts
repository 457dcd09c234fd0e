import { errorMessage, TsmachineError } from '../../shared/errors.js';

/** Docker's words for a host that cannot, then why this one cannot. */
export function quotaUnsupported(cause: unknown): TsmachineError {
  const message = "--storage-opt is supported only for overlay over xfs with 'pquota' mount option";
  return new TsmachineError(
    'invalid-argument',
    'QUOTA_UNSUPPORTED',
    `${message}, or where mkfs.ext4 and loop devices are: ${errorMessage(cause)}`,
    { cause },
  );
}
