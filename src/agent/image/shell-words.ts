/** Splits at blanks and takes quotes and backslashes away, as the Dockerfile's ENV and LABEL do. No variables. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  for (const match of text.matchAll(/(?:"(?:\\.|[^"\\])*"|'[^']*'|\\.|[^\s"'\\]|\\$)+/gs)) {
    words.push(unquoted(match[0]));
  }
  return words;
}

function unquoted(word: string): string {
  return word.replace(/"((?:\\.|[^"\\])*)"|'([^']*)'|\\(.)/gs, (_, double, single, escaped) => {
    if (double !== undefined) return String(double).replace(/\\(["\\$])/g, '$1');
    return String(single ?? escaped);
  });
}
