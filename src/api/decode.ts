import { isJsonObject } from '../shared/json.js';

/**
 * Tolerant reading of JSON as Go's encoding/json does it: null and absent are the same, unknown keys are ignored,
 * keys match in any case, a wrong type is an error that names the field.
 */
export type Decoder<T> = (value: unknown, field: string) => T | undefined;

/** The value has another type than the field. The message is in Go's words, which clients print. */
export class DecodeError extends Error {
  constructor(value: unknown, field: string, expected: string) {
    super(
      `json: cannot unmarshal ${kindOf(value)} into Go ${field ? `struct field ${field}` : 'value'} of type ${expected}`,
    );
    this.name = 'DecodeError';
  }
}

export type Fields = Readonly<Record<string, Decoder<unknown>>>;
export type Decoded<F extends Fields> = {
  readonly [K in keyof F]?: F[K] extends Decoder<infer T> ? T : never;
};
export type DecodedBy<D> = D extends Decoder<infer T> ? T : never;

export const text: Decoder<string> = (value, field) => scalar(value, field, 'string', 'string');
export const bool: Decoder<boolean> = (value, field) => scalar(value, field, 'boolean', 'bool');

export const integer: Decoder<number> = (value, field) => {
  const number = scalar<number>(value, field, 'number', 'int64');
  if (number !== undefined && !Number.isInteger(number)) throw new DecodeError(value, field, 'int64');
  return number;
};

/** Anything; the caller looks into it. */
export const anything: Decoder<unknown> = (value) => value ?? undefined;

export function list<T>(item: Decoder<T>): Decoder<readonly T[]> {
  return (value, field) => {
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) throw new DecodeError(value, field, '[]');
    return value.map((each) => item(each, field)).filter((each) => each !== undefined);
  };
}

export function map<T>(item: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (value, field) => {
    if (value === undefined || value === null) return undefined;
    if (!isJsonObject(value)) throw new DecodeError(value, field, 'map');
    const result: Record<string, T> = Object.create(null);
    for (const [key, each] of Object.entries(value)) {
      const decoded = item(each, field);
      if (decoded !== undefined) result[key] = decoded;
    }
    return { ...result };
  };
}

/** A list of strings, or one string for a list of one (moby's strslice). */
export const textOrList: Decoder<readonly string[]> = (value, field) =>
  typeof value === 'string' ? [value] : list(text)(value, field);

/** A set, as Go writes one: `{"80/tcp": {}}`; the values do not matter. */
export const set: Decoder<Readonly<Record<string, Record<string, never>>>> = (value, field) => {
  const keys = map<unknown>((each) => each ?? {})(value, field);
  return keys && Object.fromEntries(Object.keys(keys).map((key) => [key, {}]));
};

export function object<const F extends Fields>(fields: F, name = ''): Decoder<Decoded<F>> {
  const byLowerCase = new Map(Object.keys(fields).map((key) => [key.toLowerCase(), key]));
  return (value, field) => {
    if (value === undefined || value === null) return undefined;
    if (!isJsonObject(value)) throw new DecodeError(value, field, name || 'struct');
    const known = Object.entries(value).map(
      ([key, each]) => [byLowerCase.get(key.toLowerCase()), each] as const,
    );
    const decoded = known
      .filter(([key]) => key !== undefined)
      .map(([key = '', each]) => [key, fields[key]?.(each, `${field || name}.${key}`)] as const)
      .filter(([, each]) => each !== undefined);
    return Object.fromEntries(decoded) as Decoded<F>; // every value came out of the decoder of its key
  };
}

function scalar<T>(value: unknown, field: string, type: string, goType: string): T | undefined {
  if (value === undefined || value === null) return undefined;
  if (typeof value !== type) throw new DecodeError(value, field, goType);
  return value as T; // `type` is T's typeof
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  return typeof value;
}
