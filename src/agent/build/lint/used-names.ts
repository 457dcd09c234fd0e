/** Variables that a word needs; those that it says a default or an alternative for may be missing. */
export function usedNames(word: string): readonly string[] {
  const names: string[] = [];
  for (const [, braced, modifier, plain] of word.matchAll(token)) {
    const name = braced ?? plain;
    if (name !== undefined && modifier === undefined) names.push(name);
  }
  return names;
}

/** What is escaped or between single quotes has no variables. */
const token = /\\.|'[^']*'|\$(?:\{([A-Za-z_]\w*)(:?[-+?])?|([A-Za-z_]\w*))/gs;
