import { isMapping, isSequence, type Value, valueText } from '../file/value.js';
import { type Codec, type Encoded, entry, ShapeError } from './codec.js';
import { compareJsonKeys, compareYamlKeys } from './key-order.js';
import { splitCommand } from './split-command.js';

/** Left out when empty. */
export function list<T>(item: Codec<T>): Codec<readonly T[]> {
  const encode = (values: readonly T[], form: 'yaml' | 'json') =>
    values.length === 0 ? undefined : values.map((value) => item[form](value) ?? null);
  return {
    decode(value, at) {
      if (value === undefined || value === null) return [];
      if (!isSequence(value)) throw new ShapeError(at, 'must be a list');
      return value.map((each, index) => item.decode(each, [...at, index]));
    },
    yaml: (values) => encode(values, 'yaml'),
    json: (values) => encode(values, 'json'),
  };
}

/** Left out when empty. Keys are written in Go's order. */
export function record<T>(item: Codec<T>): Codec<Readonly<Record<string, T>>> {
  const encode = (values: Readonly<Record<string, T>>, form: 'yaml' | 'json') => {
    const keys = Object.keys(values).sort(form === 'yaml' ? compareYamlKeys : compareJsonKeys);
    const entries = keys.flatMap((key) =>
      // The keys are those of the record.
      entry(key, item[form](values[key] as T) ?? null),
    );
    return entries.length === 0 ? undefined : new Map<string, Encoded>(entries);
  };
  return {
    decode(value, at) {
      if (value === undefined || value === null) return {};
      if (!isMapping(value)) throw new ShapeError(at, 'must be a mapping');
      return Object.fromEntries(
        Object.entries(value).map(([key, each]) => [key, item.decode(each, [...at, key])]),
      );
    },
    yaml: (values) => encode(values, 'yaml'),
    json: (values) => encode(values, 'json'),
  };
}

const string: Codec<string> = {
  decode: (value) => valueText(value ?? null),
  yaml: (value) => value,
  json: (value) => value,
};

export const texts: Codec<readonly string[]> = list(string);

/** One string for a list of one, too. */
export const textOrTexts: Codec<readonly string[]> = {
  ...texts,
  decode: (value, at) => (typeof value === 'string' ? [value] : texts.decode(value, at)),
};

const strings = record(string);

/** Of a mapping, or a list of `KEY=VALUE`. */
export const labels: Codec<Readonly<Record<string, string>>> = {
  ...strings,
  decode: (value, at) => strings.decode(pairs(value, ''), at),
};

const nullableString: Codec<string | null> = {
  decode: (value) => (value === undefined || value === null ? null : valueText(value)),
  yaml: (value) => value,
  json: (value) => value,
};

const nullableStrings = record(nullableString);

/** As `labels`; a key without a value stays without one. */
export const variables: Codec<Readonly<Record<string, string | null>>> = {
  ...nullableStrings,
  decode: (value, at) => nullableStrings.decode(pairs(value, null), at),
};

/** A command line or the list of its words; null when nothing is said, which JSON shows. */
export const command: Codec<readonly string[] | null> = {
  decode(value, at) {
    if (value === undefined || value === null) return null;
    if (typeof value !== 'string') return texts.decode(value, at);
    const words = splitCommand(value);
    if (words === undefined) throw new ShapeError(at, `invalid command line string: ${value}`);
    return words;
  },
  yaml: (value) => value ?? undefined,
  json: (value) => value,
};

/** Host names with their addresses; written as a list of `HOST=ADDRESS`. */
export const extraHosts: Codec<Readonly<Record<string, readonly string[]>>> = {
  decode(value, at) {
    if (value === undefined || value === null) return {};
    const found = new Map<string, string[]>();
    for (const [host, addresses] of hostEntries(value)) {
      if (addresses === undefined) throw new ShapeError(at, `invalid additional host, missing IP: ${host}`);
      if (host === '' || /[:=]/.test(host)) throw new ShapeError(at, `bad host name '${host}'`);
      found.set(host, [...(found.get(host) ?? []), ...addresses.map(withoutBrackets)]);
    }
    return Object.fromEntries(found);
  },
  yaml: hostList,
  json: hostList,
};

function pairs(value: Value | undefined, absent: string | null): Value | undefined {
  if (!isSequence(value)) return value;
  return Object.fromEntries(
    value.map((each) => {
      const [, key = valueText(each), text = absent] = /^([^=]*)=(.*)$/s.exec(valueText(each)) ?? [];
      return [key, text];
    }),
  );
}

function hostEntries(value: Value): readonly (readonly [string, readonly string[] | undefined])[] {
  if (isMapping(value)) return Object.entries(value).map(([host, each]) => [host, addressesOf(each)]);
  return (isSequence(value) ? value : []).map((each) => {
    const text = valueText(each);
    const [, host = text, addresses] = /^([^=]*)=(.*)$/.exec(text) ?? /^([^:]*):(.*)$/.exec(text) ?? [];
    return [host, addresses?.split(',')];
  });
}

function addressesOf(value: Value): readonly string[] {
  return isSequence(value) ? value.map(valueText) : [valueText(value)];
}

function withoutBrackets(address: string): string {
  return /^\[(.+)\]$/.exec(address)?.[1] ?? address;
}

function hostList(hosts: Readonly<Record<string, readonly string[]>>): Encoded | undefined {
  const entries = Object.entries(hosts).flatMap(([host, addresses]) =>
    addresses.map((address) => `${host}=${address}`),
  );
  return entries.length === 0 ? undefined : entries.sort(compareJsonKeys);
}
