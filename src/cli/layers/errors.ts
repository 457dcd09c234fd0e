import { TsmachineError } from '../../shared/errors.js';

export function imageArchiveUnreadable(reason: string, cause?: unknown): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'IMAGE_ARCHIVE_UNREADABLE',
    `cannot read the image archive: ${reason}`,
    { hints: ['give an archive that "docker save" or "tsmachine save" has made'], cause },
  );
}
