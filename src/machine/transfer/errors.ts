import { TsmachineError } from '../../shared/errors.js';

export function transferFailed(path: string, why: string, cause?: unknown): TsmachineError {
  return new TsmachineError('internal', 'TRANSFER_FAILED', `cannot copy "${path}": ${why}`, { cause });
}

export function nothingThere(path: string): TsmachineError {
  return new TsmachineError('not-found', 'TRANSFER_FAILED', `"${path}": no such file or directory`);
}

export function isDirectory(path: string): TsmachineError {
  return new TsmachineError('conflict', 'TRANSFER_FAILED', `"${path}" is a directory`, {
    hints: ['add --recursive to copy it with all that is in it'],
  });
}

export function isNoDirectory(path: string): TsmachineError {
  return new TsmachineError('conflict', 'TRANSFER_FAILED', `"${path}" is not a directory`);
}
