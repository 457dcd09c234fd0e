import { TsmachineError } from '../../shared/errors.js';

/** Docker's words; clients match on them. `name` is the familiar form. */
export function imageNotFound(name: string): TsmachineError {
  return new TsmachineError('not-found', 'IMAGE_NOT_FOUND', `No such image: ${name}`);
}

export function imageAmbiguous(prefix: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'IMAGE_AMBIGUOUS', `ambiguous image ID prefix: ${prefix}`);
}

/** `detail` follows docker's "invalid reference format". */
export function referenceInvalid(detail = ''): TsmachineError {
  const text = detail === '' ? 'invalid reference format' : `invalid reference format: ${detail}`;
  return new TsmachineError('invalid-argument', 'REFERENCE_INVALID', text);
}

export function tagRefused(reason: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'REFERENCE_INVALID', reason);
}

export function digestTaken(digest: string): TsmachineError {
  return new TsmachineError('conflict', 'IMAGE_CONFLICT', `cannot overwrite digest ${digest}`);
}

export function imageConflict(message: string): TsmachineError {
  return new TsmachineError('conflict', 'IMAGE_CONFLICT', message);
}

export function imageConfigInvalid(reason: string, cause?: unknown): TsmachineError {
  return new TsmachineError('invalid-argument', 'IMAGE_CONFIG_INVALID', `invalid image config: ${reason}`, {
    cause,
  });
}

/** The tar given to load or import. */
export function imageArchiveInvalid(reason: string, cause?: unknown): TsmachineError {
  return new TsmachineError('invalid-argument', 'IMAGE_ARCHIVE_INVALID', `invalid image archive: ${reason}`, {
    cause,
  });
}

export function wrongPlatform(message: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'IMAGE_PLATFORM_UNSUPPORTED', message);
}

export function platformMismatch(reference: string, wanted: string, actual: string): TsmachineError {
  return new TsmachineError(
    'not-found',
    'IMAGE_PLATFORM_MISMATCH',
    `image with reference ${reference} was found but does not match the specified platform: wanted ${wanted}, actual: ${actual}`,
  );
}

export function changeInvalid(message: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'IMAGE_CHANGE_INVALID', message);
}

export function contentNotFound(digest: string): TsmachineError {
  return new TsmachineError('not-found', 'CONTENT_NOT_FOUND', `content ${digest} does not exist`);
}

export function contentDigestMismatch(expected: string, actual: string): TsmachineError {
  return new TsmachineError(
    'data-loss',
    'CONTENT_DIGEST_MISMATCH',
    `content digest mismatch: expected "${expected}", got "${actual}"`,
  );
}

export function layersMissing(id: string): TsmachineError {
  return new TsmachineError('internal', 'IMAGE_LAYERS_MISSING', `layers of image ${id} are missing`);
}
