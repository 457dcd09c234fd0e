import { formatPath, type Path } from '../file/path.js';
import { isMapping, isSequence, type Mapping, type Value } from '../file/value.js';
import { compareYamlKeys } from './key-order.js';

/** What is written as YAML or JSON; maps keep their order. */
export type Encoded = string | number | boolean | null | readonly Encoded[] | ReadonlyMap<string, Encoded>;

/**
 * How a part of a project is read from a file with its long forms, and written. Undefined from `yaml` and `json` means
 * that it is left out, as Go leaves out what has the value that nothing said has (`omitempty`).
 */
export interface Codec<T> {
  /** Throws ShapeError. */
  decode(value: Value | undefined, at: Path): T;
  yaml(value: T): Encoded | undefined;
  /** As docker compose hashes it, too: keys and order are those of its Go structs. */
  json(value: T): Encoded | undefined;
}

/** A value that cannot be what it has to be. */
export class ShapeError extends Error {
  readonly path: Path;

  constructor(path: Path, message: string) {
    super(`${formatPath(path)}: ${message}`);
    this.path = path;
  }
}

export interface Field<T> {
  readonly key: string;
  /** Undefined: the same as in YAML; false: not in JSON. */
  readonly jsonKey?: string | false;
  readonly codec: Codec<T>;
}

export function field<T>(key: string, codec: Codec<T>, jsonKey?: string | false): Field<T> {
  return jsonKey === undefined ? { key, codec } : { key, codec, jsonKey };
}

export type Fields<T> = { readonly [K in keyof T as K extends 'extensions' ? never : K]-?: Field<T[K]> };

/** A mapping with known keys, in their order, and `x-…` ones; it is written even when nothing is in it. */
export function object<T extends object>(fields: Fields<T>): Codec<T> {
  const table: [string, Field<unknown>][] = Object.entries(fields);
  const read = (value: T, name: string): unknown => Reflect.get(value, name);
  return {
    decode(value, at) {
      if (value !== undefined && value !== null && !isMapping(value))
        throw new ShapeError(at, 'must be a mapping');
      const mapping: Mapping = value ?? {};
      const decoded = table.map(([name, { key, codec }]) => [name, codec.decode(mapping[key], [...at, key])]);
      // The type of `fields` says that they are all those of T.
      return { ...Object.fromEntries(decoded), extensions: extensionsOf(mapping) } as T;
    },
    yaml(value) {
      const own = table.flatMap(([name, { key, codec }]) => entry(key, codec.yaml(read(value, name))));
      return new Map([...own, ...encodedExtensions(read(value, 'extensions'))]);
    },
    json(value) {
      return new Map(
        table.flatMap(([name, { key, codec, jsonKey = key }]) =>
          jsonKey === false ? [] : entry(jsonKey, codec.json(read(value, name))),
        ),
      );
    },
  };
}

/** Left out in YAML when nothing is in it; JSON has it always, since Go's omitempty does not know empty structs. */
export function struct<T>(codec: Codec<T>): Codec<T> {
  return {
    ...codec,
    yaml(value) {
      const encoded = codec.yaml(value);
      return encoded instanceof Map && encoded.size === 0 ? undefined : encoded;
    },
  };
}

/** Undefined where nothing is said. */
export function optional<T>(codec: Codec<T>): Codec<T | undefined> {
  return {
    decode: (value, at) => (value === undefined || value === null ? undefined : codec.decode(value, at)),
    yaml: (value) => (value === undefined ? undefined : codec.yaml(value)),
    json: (value) => (value === undefined ? undefined : codec.json(value)),
  };
}

/** Of a mapping, the keys that begin with `x-`. */
export function extensionsOf(mapping: Mapping): Mapping {
  return Object.fromEntries(Object.entries(mapping).filter(([key]) => key.startsWith('x-')));
}

export function encodedExtensions(extensions: unknown): [string, Encoded][] {
  return isMapping(extensions) ? [...encodeMapping(extensions, compareYamlKeys)] : [];
}

/** Any value, the keys of mappings in this order. */
export function encodeValue(value: Value, compare: (a: string, b: string) => number): Encoded {
  if (isMapping(value)) return encodeMapping(value, compare);
  return isSequence(value) ? value.map((each) => encodeValue(each, compare)) : value;
}

export function entry(key: string, value: Encoded | undefined): [string, Encoded][] {
  return value === undefined ? [] : [[key, value]];
}

function encodeMapping(
  mapping: Mapping,
  compare: (a: string, b: string) => number,
): ReadonlyMap<string, Encoded> {
  const keys = Object.keys(mapping).sort(compare);
  return new Map(keys.map((key) => [key, encodeValue(mapping[key] ?? null, compare)]));
}
