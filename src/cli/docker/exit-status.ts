import { errorMessage } from '../../shared/errors.js';

/**
 * The exit status of `run` when the container could not be run: 127 when the command is not there, 126 when it
 * cannot be executed, 125 for everything else. Docker's client tells them by the engine's words.
 */
export function runExitStatus(error: unknown): 125 | 126 | 127 {
  const message = errorMessage(error);
  if (/executable file not found|no such file or directory/.test(message)) return 127;
  if (/permission denied|is a directory/.test(message)) return 126;
  return 125;
}
