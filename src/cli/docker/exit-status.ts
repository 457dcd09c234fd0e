import { isTsmachineError } from '../../shared/errors.js';

/**
 * The exit status of `run` when the container could not be run: 127 when the command is not there, 126 when it
 * cannot be executed, 1 for a terminal that is none, 125 for everything else. Docker's client tells the first two
 * by the engine's words.
 */
export function runExitStatus(error: unknown): number {
  if (!isTsmachineError(error)) return 125;
  if (error.code === 'INPUT_NOT_TERMINAL') return 1;
  if (error.code !== 'ENGINE_ERROR') return 125; // "no such file" of our own is no missing command
  const { message } = error;
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  if (/permission denied|is a directory/.test(message)) return 126;
  return 125;
}
