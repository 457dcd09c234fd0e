import type { CommandShape, FlagShape } from './command-shape.js';

/**
 * `--flag=false`, as docker and other programs written in Go take it, in the words that oclif knows: the flag itself,
 * its `--no-` form, or nothing. What stands behind `--` is left alone, and so is what is no boolean.
 */
export function spellBooleans(words: readonly string[], { flags }: Pick<CommandShape, 'flags'>): string[] {
  const end = words.indexOf('--');
  const own = end < 0 ? words : words.slice(0, end);
  return [...own.flatMap((word) => spell(word, flags)), ...words.slice(own.length)];
}

function spell(word: string, flags: CommandShape['flags']): readonly string[] {
  const [, dashes = '', name = '', text = ''] = /^(--?)([\w-]+)=(\w+)$/.exec(word) ?? [];
  const value = booleans.get(text);
  const found = dashes === '--' ? byName(flags, name) : byLetter(flags, name);
  if (value === undefined || found?.[1].type !== 'boolean') return [word];
  if (value) return [`--${found[0]}`];
  return found[1].allowNo ? [`--no-${found[0]}`] : [];
}

/** Go's ParseBool. */
const booleans = new Map([
  ...['1', 't', 'T', 'true', 'True', 'TRUE'].map((text) => [text, true] as const),
  ...['0', 'f', 'F', 'false', 'False', 'FALSE'].map((text) => [text, false] as const),
]);

type Found = readonly [name: string, shape: FlagShape] | undefined;

function byName(flags: CommandShape['flags'], name: string): Found {
  return Object.entries(flags).find(([own, { aliases }]) => own === name || aliases?.includes(name));
}

function byLetter(flags: CommandShape['flags'], letter: string): Found {
  return Object.entries(flags).find(([, { char }]) => char === letter);
}
