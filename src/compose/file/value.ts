import { goNumber } from './go-number.js';

/** What a YAML file holds, keys as strings. */
export type Value = string | number | boolean | null | Sequence | Mapping;
export type Sequence = readonly Value[];
export type Mapping = { readonly [key: string]: Value };

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isSequence(value: unknown): value is Sequence {
  return Array.isArray(value);
}

/** Each value replaced, keys kept. */
export function mapValues(mapping: Mapping, change: (value: Value, key: string) => Value): Mapping {
  return Object.fromEntries(Object.entries(mapping).map(([key, value]) => [key, change(value, key)]));
}

/** Without some of its keys. */
export function without(mapping: Mapping, ...keys: readonly string[]): Mapping {
  return Object.fromEntries(Object.entries(mapping).filter(([key]) => !keys.includes(key)));
}

/** The mapping at this key, or an empty one where there is none. */
export function mappingAt(mapping: Mapping, key: string): Mapping {
  const value = mapping[key];
  return isMapping(value) ? value : {};
}

/** As Go prints it. */
export function valueText(value: Value): string {
  if (value === null) return '';
  if (typeof value === 'object') return JSON.stringify(value);
  return typeof value === 'number' ? goNumber(value) : String(value);
}
