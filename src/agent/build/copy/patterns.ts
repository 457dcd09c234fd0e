import { buildInvalid } from '../errors.js';

/** Go's filepath.Match as a regular expression: "*" and "?" stop at slashes. Throws BUILD_INVALID. */
export function pathPattern(pattern: string): RegExp {
  return compile(pattern, false, '');
}

/** The same, and "**" crosses directories. */
export function deepPattern(pattern: string): RegExp {
  return compile(pattern, true, '');
}

export function hasWildcards(path: string): boolean {
  return /[*?[]/.test(path.replace(/\\./g, ''));
}

/**
 * Whether a path is left out by patterns as in .dockerignore (moby/patternmatcher): the last that matches decides,
 * "!" takes back, "**" crosses directories, and a directory that matches takes all below it along.
 */
export function excludeMatcher(patterns: readonly string[]): (path: string) => boolean {
  const rules = patterns
    .map((line) => line.trim())
    .filter((line) => line !== '' && line !== '!')
    .map((line) => {
      const negated = line.startsWith('!');
      const clean = cleanPath(negated ? line.slice(1).trim() : line);
      return { negated, expression: compile(clean, true, '(?:/.*)?') };
    });
  return (path) =>
    rules.reduce((out, { negated, expression }) => (expression.test(path) ? !negated : out), false);
}

/** The lines of a .dockerignore file that are patterns. */
export function ignorePatterns(text: string): readonly string[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .filter((line) => !line.startsWith('#') && line.trim() !== '');
}

function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '' && part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function compile(pattern: string, doubleStar: boolean, end: string): RegExp {
  let source = '';
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern[at] ?? '';
    if (doubleStar && pattern.startsWith('**', at)) {
      at++;
      if (pattern[at + 1] === '/') {
        at++;
        source += '(?:.*/)?';
      } else source += '.*';
    } else if (char === '*') {
      while (!doubleStar && pattern[at + 1] === '*') at++;
      source += '[^/]*';
    } else if (char === '?') source += '[^/]';
    else if (char === '[') {
      const close = pattern.indexOf(']', at + 2);
      if (close < 0) throw buildInvalid(`syntax error in pattern: ${pattern}`);
      const body = pattern.slice(at + 1, close);
      const negated = body.startsWith('^');
      source += `[${negated ? '^' : ''}${(negated ? body.slice(1) : body).replace(/[\\[\]^]/g, '\\$&')}]`;
      at = close;
    } else if (char === '\\' && at + 1 < pattern.length) source += escaped(pattern[++at] ?? '');
    else source += escaped(char);
  }
  try {
    return new RegExp(`^${source}${end}$`, 'su');
  } catch {
    throw buildInvalid(`syntax error in pattern: ${pattern}`);
  }
}

function escaped(char: string): string {
  return char.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}
