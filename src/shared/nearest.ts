/** The known word that a misspelt one most likely means: at most two letters are wrong, missing or too many. */
export function nearest(word: string, known: readonly string[]): string | undefined {
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
