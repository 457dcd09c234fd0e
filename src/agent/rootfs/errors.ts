import { TsmachineError } from '../../shared/errors.js';

export const notADirectory = () =>
  new TsmachineError('invalid-argument', 'NOT_A_DIRECTORY', 'extraction point is not a directory');

export const overwritesDirectory = (path: string, root: string) =>
  new TsmachineError(
    'invalid-argument',
    'WOULD_OVERWRITE',
    `cannot overwrite directory "${path}" with non-directory "${root}"`,
  );

export const overwritesFile = (path: string, root: string) =>
  new TsmachineError(
    'invalid-argument',
    'WOULD_OVERWRITE',
    `cannot overwrite non-directory "${path}" with directory "${root}"`,
  );

export const outside = (name: string, root: string) =>
  new TsmachineError('invalid-argument', 'ARCHIVE_INVALID', `"${name}" is outside of "${root}"`);

export const hardLinkOutside = (name: string, target: string) =>
  new TsmachineError('invalid-argument', 'ARCHIVE_INVALID', `invalid hardlink "${name}" -> "${target}"`);
