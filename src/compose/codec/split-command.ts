/**
 * The words of a command line as Compose splits it: quotes and backslashes as in a shell, but nothing else of a shell.
 * What stands behind `;`, `&`, `|`, `<` or `>` is ignored, as there. Undefined when it cannot be read.
 */
export function splitCommand(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let at = 0; at < line.length; at++) {
    const char = line[at] ?? '';
    if (char === '\\' && quote !== "'") {
      at++;
      if (at >= line.length) return undefined;
      word = (word ?? '') + (line[at] ?? '');
    } else if (quote !== '') {
      if (char === quote) quote = '';
      else word = (word ?? '') + char;
    } else if (char === '"' || char === "'") {
      quote = char;
      word ??= '';
    } else if (/\s/.test(char)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else if (/[;&|<>]/.test(char)) {
      if (char === '>' && word !== undefined && /^\d/.test(word)) word = undefined;
      break;
    } else word = (word ?? '') + char;
  }
  if (quote !== '') return undefined;
  return word === undefined ? words : [...words, word];
}
