/** The order in which go-yaml writes the keys of a map: numbers in keys count as numbers. */
export function compareYamlKeys(left: string, right: string): number {
  const [a, b] = [[...left], [...right]];
  const at = a.findIndex((char, index) => char !== b[index]);
  if (at === -1 || at >= b.length) return a.length - b.length;
  const [x = '', y = ''] = [a[at], b[at]];
  const [letterX, letterY] = [isLetter(x), isLetter(y)];
  if (letterX && letterY) return x < y ? -1 : 1;
  // Behind digits letters come first, elsewhere last.
  if (letterX || letterY) return (isDigit(a[at - 1]) ? letterX : letterY) ? -1 : 1;
  return compareNumbers(a, b, at) || (x < y ? -1 : 1);
}

/** The order in which Go's encoding/json writes the keys of a map. */
export function compareJsonKeys(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left), Buffer.from(right));
}

const isDigit = (char: string | undefined) => char !== undefined && /^\p{Nd}$/u.test(char);
const isLetter = (char: string) => /^\p{L}$/u.test(char);

function compareNumbers(a: readonly string[], b: readonly string[], at: number): number {
  const prefix = a[at] === '0' || b[at] === '0' ? digitsBefore(a, at) : '';
  const lead = /[^0]/.test(prefix) ? '1' : '';
  const [x, y] = [digitsFrom(a, at), digitsFrom(b, at)];
  return Number(lead + x) - Number(lead + y) || x.length - y.length;
}

function digitsBefore(chars: readonly string[], at: number): string {
  let start = at;
  while (isDigit(chars[start - 1])) start--;
  return chars.slice(start, at).join('');
}

function digitsFrom(chars: readonly string[], at: number): string {
  let end = at;
  while (isDigit(chars[end])) end++;
  return chars.slice(at, end).join('');
}
