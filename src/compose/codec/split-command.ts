/**
 * The words of a command line as Compose splits it: quotes and backslashes as in a shell, `$(…)` and
 * backquotes stay together, but nothing else of a shell.
 * What stands behind `;`, `&`, `|`, `<` or `>` is ignored, as there. Undefined when it cannot be read.
 */
export function splitCommand(line: string): readonly string[] | undefined {
  const words: string[] = [];
  let word: string | undefined;
  for (const { piece, text } of piecesOf(line)) {
    if (piece === 'unfinished') return undefined;
    if (piece === 'end') {
      // `2>file`: the number is not a word.
      if (text === '>' && word !== undefined && /^\d/.test(word)) word = undefined;
      break;
    }
    if (piece === 'text') word = (word ?? '') + text;
    else if (word !== undefined) {
      words.push(word);
      word = undefined;
    }
  }
  return word === undefined ? words : [...words, word];
}

interface Piece {
  readonly piece: 'text' | 'blank' | 'end' | 'unfinished';
  readonly text: string;
}

const pattern =
  /(?<blank>\s+)|(?<end>[;&|<>])|'(?<single>[^']*)'|"(?<double>(?:[^"\\]|\\.)*)"|\\(?<escaped>.)|(?<plain>`[^`]*`|\$\([^)]*\)|(?:(?!\$\()[^\s;&|<>'"\\`(])+)|(?<unfinished>.)/gs;

function* piecesOf(line: string): Generator<Piece> {
  for (const { groups = {} } of line.matchAll(pattern)) {
    const { blank, end, unfinished, single, double, escaped, plain } = groups;
    if (blank !== undefined) yield { piece: 'blank', text: blank };
    else if (end !== undefined) yield { piece: 'end', text: end };
    else if (unfinished !== undefined) yield { piece: 'unfinished', text: unfinished };
    else yield { piece: 'text', text: single ?? double?.replace(/\\(.)/gs, '$1') ?? escaped ?? plain ?? '' };
  }
}
