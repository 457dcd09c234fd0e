import { TsmachineError } from '../shared/errors.js';

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

function nearest(word: string, known: readonly string[]): string | undefined {
  const [best] = known
    .map((id) => ({ id, distance: editDistance(word, id) }))
    .sort((left, right) => left.distance - right.distance);
  return best && best.distance <= 2 && best.distance < word.length ? best.id : undefined;
}

/** Levenshtein's: insertions, deletions and replacements that make one word of the other. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (const [line, letter] of [...from].entries()) {
    const next = [line + 1];
    for (const [column, other] of [...to].entries()) {
      const replaced = (row[column] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[column + 1] ?? 0) + 1, (next[column] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
