import type { Filters } from '../../../api/filters.js';
import { digestHex } from '../../../shared/digest.js';
import type { CachedStep } from '../../build/cache/step-cache.js';
import { invalidFilter } from '../errors.js';
import { parseUntil } from '../until.js';

/** One condition of `docker builder prune --filter` or `docker buildx du --filter`. */
export interface CacheCondition {
  readonly name: string;
  /** "?": the name alone. */
  readonly operator: '?' | '==' | '!=' | '~=';
  readonly value: string;
}

/** As the Engine API has them; all must hold. */
export function conditionsOf(filters: Filters): readonly CacheCondition[] {
  return [...filters].flatMap(([name, values]) =>
    [...values].map((value) => ({ name, operator: '==', value }) as const),
  );
}

/** "id~=abc,inuse", as BuildKit's clients write them. Throws FILTER_INVALID. */
export function parseConditions(filters: readonly string[]): readonly CacheCondition[] {
  return filters.flatMap((filter) => filter.split(',').filter(Boolean).map(parseCondition));
}

function parseCondition(text: string): CacheCondition {
  const [, name, operator, value = ''] = /^([\w-]+)(?:(==?|!=|~=)(.*))?$/s.exec(text) ?? [];
  if (name === undefined) throw invalidFilter(text);
  if (operator === undefined) return { name, operator: '?', value };
  return { name, operator: operator === '!=' || operator === '~=' ? operator : '==', value };
}

/** Throws FILTER_INVALID for a name that nobody knows. */
export function cacheFilter(conditions: readonly CacheCondition[]): (step: CachedStep) => boolean {
  const tests = conditions.map(testOf);
  return (step) => tests.every((test) => test(step));
}

export function cacheId({ key }: CachedStep): string {
  return digestHex(key).slice(0, 25);
}

const texts: Readonly<Record<string, (step: CachedStep) => string>> = {
  id: cacheId,
  description: ({ source }) => source,
  type: () => 'regular',
};

const facts: Readonly<Record<string, (step: CachedStep) => boolean>> = {
  inuse: () => false,
  mutable: () => false,
  immutable: () => true,
  shared: ({ inUse }) => inUse,
  private: ({ inUse }) => !inUse,
};

function testOf({ name, operator, value }: CacheCondition): (step: CachedStep) => boolean {
  if (name === 'until' || name === 'unused-for') {
    const limit = Number((parseUntil(value) ?? 0n) / 1_000_000n);
    return ({ lastUsedAt }) => Date.parse(lastUsedAt) < limit;
  }
  const fact = facts[name];
  if (fact) {
    const wanted = operator === '?' || /^(?:true|1)$/i.test(value);
    return (step) => (fact(step) === wanted) === (operator !== '!=');
  }
  const text = texts[name];
  if (!text) throw invalidFilter(name);
  const matches = operator === '~=' ? patternTest(name, value) : (found: string) => found === value;
  return (step) => matches(text(step)) === (operator !== '!=');
}

function patternTest(name: string, pattern: string): (text: string) => boolean {
  try {
    const expression = new RegExp(pattern);
    return (text) => expression.test(text);
  } catch {
    throw invalidFilter(`${name}~=${pattern}`);
  }
}
