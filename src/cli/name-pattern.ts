import { namePatternInvalid } from './errors.js';

/**
 * With a count, one pattern such as "web-{n}" becomes web-1, web-2, …; without one, the names as they are.
 * Throws NAME_PATTERN_INVALID.
 */
export function expandNames(names: readonly string[], count: number | undefined): readonly string[] {
  if (count === undefined) return names;
  const [pattern, ...others] = names;
  if (pattern === undefined || others.length > 0)
    throw namePatternInvalid(names.join(' '), 'is not one name');
  if (!pattern.includes('{n}')) throw namePatternInvalid(pattern, 'has no {n} for the number');
  return Array.from({ length: count }, (_, index) => pattern.replaceAll('{n}', String(index + 1)));
}
