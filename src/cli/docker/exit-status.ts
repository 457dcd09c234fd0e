import { isTsmachineError } from '../../shared/errors.js';
import { oclifExitCode } from '../exit-code.js';

/**
 * Docker's: 125 for a flag that is not known or has a wrong value, 1 for words that are missing or too many and for
 * whatever the engine refuses. Undefined: the kind of the error decides, as everywhere.
 */
export function dockerExitCode(error: unknown): number | undefined {
  if (isTsmachineError(error)) {
    if (error.code === 'FLAG_INVALID') return 125;
    if (error.code === 'DETACHED') return 1;
    if (error.code === 'OPTION_NOT_SUPPORTED') return undefined; // of docker-machine's global ones
    return error.code === 'ENGINE_ERROR' || error.kind === 'invalid-argument' ? 1 : undefined;
  }
  if (oclifExitCode(error) !== 2 || !(error instanceof Error)) return undefined;
  return /^(RequiredArgs|UnexpectedArgs)Error$/.test(error.constructor.name) ? 1 : 125;
}

/**
 * The exit status of `run` when the container could not be run: 127 when the command is not there, 126 when it
 * cannot be executed, 1 for a terminal that is none, 125 for everything else. Docker's client tells the first two
 * by the engine's words.
 */
export function runExitStatus(error: unknown): number {
  if (!isTsmachineError(error)) return 125;
  if (error.code === 'INPUT_NOT_TERMINAL' || error.code === 'ARGUMENT_MISSING') return 1;
  if (error.code !== 'ENGINE_ERROR') return 125; // "no such file" of our own is no missing command
  const { message } = error;
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  if (/permission denied|is a directory/.test(message)) return 126;
  return 125;
}
