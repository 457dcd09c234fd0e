import { errorMessage, systemErrorCode, TsmachineError } from '../../shared/errors.js';
import { byteStringText } from '../../shared/tar/tar-entry.js';

/** An entry that may not be unpacked, or an archive that is damaged. */
export function layerInvalid(reason: string, cause?: unknown): TsmachineError {
  return new TsmachineError('invalid-argument', 'LAYER_INVALID', `invalid layer: ${reason}`, { cause });
}

/** `name` is the entry's name as it stands in the archive. */
export function layerEntryInvalid(name: string, reason: string): TsmachineError {
  return layerInvalid(`entry ${JSON.stringify(byteStringText(name))} ${reason}`);
}

export function layerDigestMismatch(expected: string, actual: string): TsmachineError {
  return new TsmachineError(
    'data-loss',
    'LAYER_DIGEST_MISMATCH',
    `layer digest mismatch: expected "${expected}", got "${actual}"`,
  );
}

export function layerNotFound(chainId: string): TsmachineError {
  return new TsmachineError('not-found', 'LAYER_NOT_FOUND', `layer ${chainId} does not exist`);
}

export function layerInUse(chainId: string): TsmachineError {
  return new TsmachineError('conflict', 'LAYER_IN_USE', `layer ${chainId} is in use`);
}

export function writableLayerExists(key: string): TsmachineError {
  return new TsmachineError('already-exists', 'LAYER_EXISTS', `writable layer "${key}" already exists`);
}

export function writableLayerNotFound(key: string): TsmachineError {
  return new TsmachineError('not-found', 'LAYER_NOT_FOUND', `writable layer "${key}" does not exist`);
}

export function layerChainTooLong(count: number): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'LAYER_CHAIN_TOO_LONG',
    `the image has ${count} layers, more than one overlay mount can name`,
  );
}

export function overlayMountFailed(target: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'internal',
    'OVERLAY_MOUNT_FAILED',
    `cannot mount overlay at "${target}": ${errorMessage(cause)}`,
    {
      hints: ['the data directory must be on a file system that overlayfs accepts (ext4, xfs, btrfs)'],
      cause,
    },
  );
}

/** What unpacking may fail with, in the words of the contract; anything else is passed on. */
export function translateUnpackError(error: unknown): unknown {
  const code = systemErrorCode(error);
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new TsmachineError('internal', 'NO_SPACE', 'no space left on device', { cause: error });
  }
  if (code === 'TAR_INVALID' || code === 'COMPRESSION_INVALID')
    return layerInvalid(errorMessage(error), error);
  if (code === 'ENAMETOOLONG' || code === 'EFBIG') return layerInvalid(errorMessage(error), error);
  return error;
}
