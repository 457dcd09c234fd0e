/** `${name#pattern}`; greedy for `##`. */
export function stripPrefix(value: string, pattern: string, greedy: boolean): string {
  for (let step = 0; step <= value.length; step++) {
    const length = greedy ? value.length - step : step;
    if (matchesGlob(pattern, value.slice(0, length))) return value.slice(length);
  }
  return value;
}

/** `${name%pattern}`; greedy for `%%`. */
export function stripSuffix(value: string, pattern: string, greedy: boolean): string {
  for (let step = 0; step <= value.length; step++) {
    const from = greedy ? step : value.length - step;
    if (matchesGlob(pattern, value.slice(from))) return value.slice(0, from);
  }
  return value;
}

/** `${name/pattern/replacement}`; all for `//`. */
export function replaceMatches(value: string, pattern: string, replacement: string, all: boolean): string {
  if (pattern === '') return value;
  let text = '';
  for (let at = 0; at < value.length; ) {
    const length = longestMatch(pattern, value, at);
    if (length === 0) {
      text += value[at++];
      continue;
    }
    text += replacement;
    at += length;
    if (!all) return text + value.slice(at);
  }
  return text;
}

function longestMatch(pattern: string, value: string, from: number): number {
  for (let to = value.length; to > from; to--) {
    if (matchesGlob(pattern, value.slice(from, to))) return to - from;
  }
  return 0;
}

/** "*" and "?", in linear space and without backtracking over more than the last star. */
function matchesGlob(pattern: string, text: string): boolean {
  let p = 0;
  let star = -1;
  let mark = 0;
  for (let t = 0; t < text.length; ) {
    const escaped = pattern[p] === '\\' && p + 1 < pattern.length;
    const char = escaped ? pattern[p + 1] : pattern[p];
    if (!escaped && char === '*') {
      star = p++;
      mark = t;
    } else if ((!escaped && char === '?') || char === text[t]) {
      p += escaped ? 2 : 1;
      t++;
    } else if (star >= 0) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
