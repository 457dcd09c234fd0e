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
  const parts = globParts(pattern);
  let text = '';
  for (let at = 0; at < value.length; ) {
    const length = longestMatch(parts, value, at);
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

/** "*", "?", or a character that stands for itself. */
interface GlobPart {
  readonly kind: 'any' | 'one' | 'self';
  readonly char: string;
}

function globParts(pattern: string): readonly GlobPart[] {
  return [...pattern.matchAll(/\\(.)|(\*)|(\?)|(.)/gs)].map(([, escaped, star, one, plain = '\\']) => ({
    kind: star ? 'any' : one ? 'one' : 'self',
    char: escaped ?? plain,
  }));
}

/** All ways to match are followed at the same time, by the places in the pattern where they are. */
function longestMatch(parts: readonly GlobPart[], value: string, from: number): number {
  let longest = 0;
  let places = new Uint8Array(parts.length + 1);
  let next = new Uint8Array(parts.length + 1);
  places[0] = 1;
  passStars(parts, places);
  for (let at = from; at < value.length; at++) {
    if (!step(parts, places, next, value[at])) break;
    [places, next] = [next, places];
    if (places[parts.length]) longest = at + 1 - from;
  }
  return longest;
}

/** By one character; false when no way is left. */
function step(
  parts: readonly GlobPart[],
  places: Uint8Array,
  next: Uint8Array,
  char: string | undefined,
): boolean {
  next.fill(0);
  let isAny = false;
  for (let place = 0; place < parts.length; place++) {
    const part = parts[place];
    if (!part || !places[place]) continue;
    const isHere = part.kind === 'any';
    if (!isHere && part.kind !== 'one' && part.char !== char) continue;
    next[isHere ? place : place + 1] = 1;
    isAny = true;
  }
  passStars(parts, next);
  return isAny;
}

/** A star may match nothing. */
function passStars(parts: readonly GlobPart[], places: Uint8Array): void {
  for (let place = 0; place < parts.length; place++) {
    if (places[place] && parts[place]?.kind === 'any') places[place + 1] = 1;
  }
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
