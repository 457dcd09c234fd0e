import { TsmachineError } from '../../shared/errors.js';

/** A flag's value that cannot be meant; `why` completes the sentence and names the part that is wrong. */
export function flagInvalid(flag: string, value: string, why: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'FLAG_INVALID',
    `invalid value "${value}" for ${flag}: ${why}`,
  );
}

export function envFileInvalid(path: string, why: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'ENV_FILE_INVALID',
    `invalid environment file "${path}": ${why}`,
  );
}

export function fileUnreadable(path: string, cause: unknown): TsmachineError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new TsmachineError('not-found', 'FILE_UNREADABLE', `cannot read "${path}": ${why}`, { cause });
}

export function argumentMissing(name: string, usage: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'ARGUMENT_MISSING', `${name} is missing`, {
    hints: [`write ${usage}`],
  });
}

export function inputNotTerminal(): TsmachineError {
  return new TsmachineError('invalid-argument', 'INPUT_NOT_TERMINAL', 'the input device is not a TTY', {
    hints: ['leave out -t when the input is a pipe or a file'],
  });
}

export function inputIsTerminal(what: string, hint: string): TsmachineError {
  return new TsmachineError('invalid-argument', 'INPUT_IS_TERMINAL', `cannot read ${what} from a terminal`, {
    hints: [hint],
  });
}

export function waitFailed(message: string): TsmachineError {
  return new TsmachineError('internal', 'CONTAINER_WAIT_FAILED', `error waiting for container: ${message}`);
}

export function outputClosed(): TsmachineError {
  return new TsmachineError('canceled', 'OUTPUT_CLOSED', 'whoever read the output has closed it');
}
