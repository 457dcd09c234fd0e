import { resolve } from 'node:path';
import type { MountRequest } from '../../api/client/types.js';
import { parseBytes } from '../../shared/bytes.js';
import { csvFields } from './csv.js';
import { flagInvalid } from './errors.js';

type MountType = 'bind' | 'volume' | 'tmpfs';

const types: readonly MountType[] = ['bind', 'volume', 'tmpfs'];
const otherSpellings: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
};
/** The fields of docker's `--mount`; those that may stand without a value are switches. */
const switches = new Set(['readonly', 'bind-nonrecursive', 'volume-nocopy']);
const fields = new Set([
  ...['type', 'source', 'target', 'bind-propagation', 'volume-label', 'volume-driver', 'volume-opt'],
  ...['tmpfs-size', 'tmpfs-mode', 'bind-recursive', 'volume-subpath', 'consistency'],
  ...switches,
]);

type Values = ReadonlyMap<string, readonly string[]>;

/**
 * `type=bind|volume|tmpfs,source=…,target=…[,readonly][,…]`, comma-separated as in CSV; a bind source that
 * begins with "." is a path below this directory. Throws FLAG_INVALID.
 */
export function parseMount(spec: string, directory: string): MountRequest {
  const fail = (why: string) => flagInvalid('--mount', spec, why);
  const values = readValues(spec, fail);
  const one = (field: string) => values.get(field)?.at(-1) || undefined;
  const type = types.find((known) => known === (one('type') ?? 'volume').toLowerCase());
  const [source, target, consistency] = [one('source'), one('target'), one('consistency')];
  if (!type) throw fail(`"${one('type')}" is no type; use bind, volume or tmpfs`);
  if (!target) throw fail('target is required');
  if (type === 'bind' && !source) throw fail('source is required for a bind mount');
  if (type === 'tmpfs' && source) throw fail('a tmpfs mount has no source');
  const foreign = [...values.keys()].find((field) =>
    types.some((other) => other !== type && field.startsWith(`${other}-`)),
  );
  if (foreign) throw fail(`"${foreign}" does not go with a ${type} mount`);
  return {
    Type: type,
    ...(source && {
      Source: type === 'bind' && source.startsWith('.') ? resolve(directory, source) : source,
    }),
    Target: target,
    ...(isOn(values, 'readonly', fail) && { ReadOnly: true }),
    ...(consistency && { Consistency: consistency }),
    ...mountOptions(type, values, fail),
  };
}

function readValues(spec: string, fail: (why: string) => Error): Values {
  const values = new Map<string, string[]>();
  for (const text of csvFields(spec)) {
    const [written = '', value] = text.split(/=(.*)/s);
    const key = written.trim().toLowerCase();
    const field = otherSpellings[key] ?? key;
    if (!fields.has(field)) throw fail(`"${key}" is no field`);
    if (value === undefined && !switches.has(field)) throw fail(`"${key}" has no value`);
    values.set(field, [...(values.get(field) ?? []), value ?? 'true']);
  }
  return values;
}

function mountOptions(type: MountType, values: Values, fail: (why: string) => Error): Partial<MountRequest> {
  const options = {
    bind: { BindOptions: bindOptions(values, fail) },
    volume: { VolumeOptions: volumeOptions(values, fail) },
    tmpfs: { TmpfsOptions: tmpfsOptions(values, fail) },
  }[type];
  return Object.values(options).every((value) => Object.keys(value).length === 0) ? {} : options;
}

function bindOptions(values: Values, fail: (why: string) => Error): NonNullable<MountRequest['BindOptions']> {
  const propagation = values.get('bind-propagation')?.at(-1);
  return {
    ...(propagation !== undefined && { Propagation: propagation }),
    ...(isOn(values, 'bind-nonrecursive', fail) && { NonRecursive: true }),
    ...recursion(values.get('bind-recursive')?.at(-1), fail),
  };
}

/** What becomes of the mounts below a read-only one. */
function recursion(
  value: string | undefined,
  fail: (why: string) => Error,
): NonNullable<MountRequest['BindOptions']> {
  if (value === undefined || /^(1|t|true|enabled)$/i.test(value)) return {};
  if (/^(0|f|false|disabled)$/i.test(value)) return { NonRecursive: true };
  if (value === 'writable') return { ReadOnlyNonRecursive: true };
  if (value === 'readonly') return { ReadOnlyForceRecursive: true };
  throw fail(`"${value}" is none of enabled, disabled, writable, readonly`);
}

function volumeOptions(
  values: Values,
  fail: (why: string) => Error,
): NonNullable<MountRequest['VolumeOptions']> {
  const driver = values.get('volume-driver')?.at(-1);
  const [labels, options] = [values.get('volume-label'), values.get('volume-opt')];
  const subpath = values.get('volume-subpath')?.at(-1);
  return {
    ...(subpath !== undefined && { Subpath: subpath }),
    ...(isOn(values, 'volume-nocopy', fail) && { NoCopy: true }),
    ...(labels && { Labels: pairs(labels) }),
    ...((driver !== undefined || options) && {
      DriverConfig: {
        ...(driver !== undefined && { Name: driver }),
        ...(options && { Options: pairs(options) }),
      },
    }),
  };
}

function tmpfsOptions(
  values: Values,
  fail: (why: string) => Error,
): NonNullable<MountRequest['TmpfsOptions']> {
  const [size, mode] = [values.get('tmpfs-size')?.at(-1), values.get('tmpfs-mode')?.at(-1)];
  if (mode !== undefined && !/^[0-7]{1,5}$/.test(mode)) throw fail(`"${mode}" is no octal mode`);
  return {
    ...(size !== undefined && { SizeBytes: parseBytes(size) }),
    ...(mode !== undefined && { Mode: Number.parseInt(mode, 8) }),
  };
}

function isOn(values: Values, field: string, fail: (why: string) => Error): boolean {
  const value = values.get(field)?.at(-1);
  if (value === undefined || /^(0|f|false)$/i.test(value)) return false;
  if (/^(1|t|true)$/i.test(value)) return true;
  throw fail(`"${value}" is neither true nor false`);
}

function pairs(texts: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    texts.map((text) => {
      const [key = '', value = ''] = text.split(/=(.*)/s);
      return [key, value];
    }),
  );
}
