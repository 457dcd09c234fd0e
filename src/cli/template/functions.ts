import { formatInvalid } from './errors.js';
import { sprintf } from './printf.js';
import { compare, goValue, isEqual, isNothing, isTrue, typeName } from './values.js';

export type TemplateFunction = (...values: readonly unknown[]) => unknown;

/** Go's own functions, but `and` and `or`, which do not evaluate all their arguments; and the ones docker adds. */
export const templateFunctions: Readonly<Record<string, TemplateFunction>> = {
  not: (value) => !isTrue(value),
  len: (value) => lengthOf(value),
  index: (value, ...keys) => keys.reduce(element, value),
  slice,
  print: (...values) => sprint(values),
  println: (...values) => `${values.map(goValue).join(' ')}\n`,
  printf: (format, ...values) => sprintf(text('printf', format), values),
  html: (...values) => sprint(values).replace(/[&<>"']/g, (sign) => entities[sign] ?? sign),
  urlquery: (...values) => encodeURIComponent(sprint(values)).replaceAll('%20', '+'),
  eq: (left, ...others) => {
    if (others.length === 0) throw formatInvalid('missing argument for a comparison');
    return others.some((other) => isEqual(left, other));
  },
  ne: (left, right) => !isEqual(left, right),
  lt: (left, right) => compare(left, right) < 0,
  le: (left, right) => compare(left, right) <= 0,
  gt: (left, right) => compare(left, right) > 0,
  ge: (left, right) => compare(left, right) >= 0,
  json: (value) => goJson(value),
  prettyjson: (value) => goJson(value, 4),
  join: (list, separator) =>
    Array.isArray(list) ? list.map(goValue).join(text('join', separator)) : fail('join', list),
  split: (value, separator) => text('split', value).split(text('split', separator)),
  lower: (value) => text('lower', value).toLowerCase(),
  upper: (value) => text('upper', value).toUpperCase(),
  title: (value) =>
    text('title', value).replace(/(^|[^\p{L}\p{N}_'])(\p{L})/gu, (found) => found.toUpperCase()),
  truncate: (value, length) =>
    bytes(text('truncate', value))
      .subarray(0, Math.max(0, Number(length)))
      .toString(),
  pad: (value, before, after) => {
    const inner = text('pad', value);
    return inner === '' ? '' : ' '.repeat(Number(before)) + inner + ' '.repeat(Number(after));
  },
};

const entities: Readonly<Record<string, string>> = {
  ...{ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' },
};

function lengthOf(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (Array.isArray(value)) return value.length;
  if (typeof value === 'object' && value !== null) return Object.keys(value).length;
  return fail('len', value);
}

function element(value: unknown, key: unknown): unknown {
  if (Array.isArray(value) || typeof value === 'string') {
    const items: ArrayLike<unknown> = typeof value === 'string' ? bytes(value) : value;
    if (typeof key !== 'number') return fail('index', key);
    if (key < 0 || key >= items.length) throw formatInvalid(`index: ${key} is out of range`);
    return items[key];
  }
  if (typeof value !== 'object' || value === null) return fail('index', value);
  return Object.hasOwn(value, String(key)) ? Reflect.get(value, String(key)) : undefined;
}

function slice(value: unknown, from: unknown = 0, to?: unknown): unknown {
  if (typeof value !== 'string' && !Array.isArray(value)) return fail('slice', value);
  const items = typeof value === 'string' ? bytes(value) : value;
  const [start, end] = [Number(from), to === undefined ? items.length : Number(to)];
  if (start < 0 || end > items.length || start > end) {
    throw formatInvalid(`slice: ${start} to ${end} is out of range`);
  }
  return typeof value === 'string' ? bytes(value).subarray(start, end).toString() : value.slice(start, end);
}

/** fmt.Sprint: a space between two neighbours of which neither is a string. */
function sprint(values: readonly unknown[]): string {
  return values
    .map((value, at) => {
      const spaced = at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string';
      return `${spaced ? ' ' : ''}${goValue(value)}`;
    })
    .join('');
}

/** Go sorts the keys of maps, but not the fields of structs: whoever gives the data decides. */
function goJson(value: unknown, indent?: number): string {
  return JSON.stringify(value ?? null, null, indent);
}

function text(name: string, value: unknown): string {
  if (typeof value === 'string') return value;
  return fail(name, value);
}

function bytes(value: string): Buffer {
  return Buffer.from(value);
}

function fail(name: string, value: unknown): never {
  throw formatInvalid(
    `${name} cannot work on ${isNothing(value) ? 'nothing' : `a value of type ${typeName(value)}`}`,
  );
}
