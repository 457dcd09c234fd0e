import { TsmachineError } from '../shared/errors.js';
import { nearest } from '../shared/nearest.js';

/**
 * The error for a command line that names no command. oclif joins the words with ":": a known command in front means
 * that it was given an argument it does not take.
 */
export function commandNotFound(
  id: string,
  argv: readonly string[],
  known: readonly string[],
): TsmachineError {
  const [first = '', ...extra] = id.split(':');
  if (known.includes(first)) {
    const words = [...extra, ...argv].join(' ');
    return new TsmachineError(
      'invalid-argument',
      'EXTRA_ARGUMENTS',
      `Invalid command line. Found extra arguments [${words}]`,
      { hints: [`run "tsmachine ${first} --help" to see what it takes`] },
    );
  }
  const near = nearest(first, known);
  return new TsmachineError('invalid-argument', 'COMMAND_NOT_FOUND', `there is no command "${first}"`, {
    hints: [near ? `did you mean "tsmachine ${near}"?` : 'run "tsmachine --help" to see the commands'],
  });
}
