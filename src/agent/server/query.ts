import { type Filters, parseFilters } from '../../api/filters.js';
import { invalidParameter } from './errors.js';

const falsehoods = new Set(['', '0', 'no', 'false', 'none']);

/** Typed access to a request's query, as tolerant as moby's httputils. */
export class Query {
  readonly #parameters: URLSearchParams;

  constructor(search: string) {
    this.#parameters = new URLSearchParams(search);
  }

  /** Undefined when absent or empty. */
  text(name: string): string | undefined {
    return this.#parameters.get(name) || undefined;
  }

  /** Every value of a repeated parameter. */
  list(name: string): readonly string[] {
    return this.#parameters.getAll(name).filter((value) => value !== '');
  }

  /** False for "", 0, no, false and none in any case; true for anything else. */
  flag(name: string, absent = false): boolean {
    const value = this.#parameters.get(name);
    return value === null ? absent : !falsehoods.has(value.trim().toLowerCase());
  }

  /** Throws PARAMETER_INVALID in the words of Go's strconv. */
  integer(name: string): number | undefined {
    const value = this.text(name);
    if (value === undefined) return undefined;
    if (!/^[+-]?\d+$/.test(value)) {
      throw invalidParameter(`strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`);
    }
    return Number(value);
  }

  filters(): Filters {
    const filters = parseFilters(this.text('filters'));
    if (!filters) throw invalidParameter('invalid filter');
    return filters;
  }
}
