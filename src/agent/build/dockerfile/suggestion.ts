/** "… (did you mean RUN?)" where something known is nearly the same, in the case in which it was written. */
export function withSuggestion(text: string, written: string, known: readonly string[]): string {
  const folded = known.map((name) => name.toLowerCase());
  const name = nearest(written.toLowerCase(), folded);
  return name === undefined ? text : `${text} (did you mean ${inCaseOf(written, name)}?)`;
}

/** Undefined where nothing is near, or it is the same. */
export function nearest(word: string, known: readonly string[]): string | undefined {
  let best: { readonly name: string; readonly distance: number } | undefined;
  for (const name of known) {
    if (Math.abs(word.length - name.length) >= mostDifferent) continue; // before it is compared: it may be megabytes
    const distance = editDistance(word, name);
    if (distance < (best?.distance ?? mostDifferent)) best = { name, distance };
  }
  return best?.distance === 0 ? undefined : best?.name;
}

const mostDifferent = 3;

function inCaseOf(written: string, name: string): string {
  if (written === written.toLowerCase()) return name.toLowerCase();
  return written === written.toUpperCase() ? name.toUpperCase() : name.toLowerCase();
}

/** Letters that are to be put in, taken out or replaced (Levenshtein). */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, char] of [...a].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...b].entries()) {
      const replaced = (row[j] ?? 0) + (char === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
