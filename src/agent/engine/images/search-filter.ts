import type { Filters } from '../../../api/filters.js';
import type { SearchResult } from '../../../api/registry.js';
import { invalidFilter } from '../errors.js';

/** `filters` of a search, as Docker's. Throws FILTER_INVALID. */
export function searchFilter(filters: Filters): (result: SearchResult) => boolean {
  const tests = [...filters].flatMap(([name, values]) =>
    [...values].map((value) => testOf(name, value, values)),
  );
  return (result) => tests.every((test) => test(result));
}

function testOf(name: string, value: string, values: ReadonlySet<string>): (result: SearchResult) => boolean {
  switch (name) {
    case 'stars':
      if (!/^\d+$/.test(value)) throw invalidFilter(name, values);
      return ({ star_count: stars }) => stars >= Number(value);
    case 'is-official':
      return ({ is_official: official }) => official === isTrue(name, value, values);
    case 'is-automated':
      return ({ is_automated: automated }) => automated === isTrue(name, value, values);
    default:
      throw invalidFilter(name);
  }
}

function isTrue(name: string, value: string, values: ReadonlySet<string>): boolean {
  if (!/^(?:true|1|false|0)$/.test(value)) throw invalidFilter(name, values);
  return value === 'true' || value === '1';
}
