import { buildInvalid } from '../errors.js';

export type RunMountType = 'bind' | 'cache' | 'tmpfs' | 'secret' | 'ssh';

/** RUN --mount=…, as written: variables are not yet replaced. */
export interface RunMountFlag {
  readonly type: RunMountType;
  readonly target?: string;
  readonly source?: string;
  /** A stage, its index or an image. */
  readonly from?: string;
  readonly id?: string;
  readonly env?: string;
  readonly readonly?: boolean;
  readonly required?: boolean;
  readonly sharing?: 'shared' | 'private' | 'locked';
  readonly mode?: number;
  readonly uid?: number;
  readonly gid?: number;
  readonly size?: number;
}

/** docs.docker.com, Dockerfile reference, "RUN --mount". Throws BUILD_INVALID. */
export function parseMountFlag(text: string): RunMountFlag {
  const fields: Record<string, unknown> = { type: 'bind' };
  for (const part of text.split(',')) {
    const equals = part.indexOf('=');
    const key = (equals < 0 ? part : part.slice(0, equals)).trim().toLowerCase();
    const value = equals < 0 ? undefined : part.slice(equals + 1).replace(/^"(.*)"$/, '$1');
    const field = fieldReaders[key];
    if (!field) throw buildInvalid(`unexpected key '${key}' in '${part}'`);
    if (value === undefined && !flags.has(key))
      throw buildInvalid(`invalid field '${part}' must be a key=value pair`);
    Object.assign(fields, field(value ?? 'true', key));
  }
  const mount = fields as unknown as RunMountFlag; // filled by `fieldReaders` alone
  if (
    mount.target === undefined &&
    (mount.type === 'bind' || mount.type === 'cache' || mount.type === 'tmpfs')
  ) {
    throw buildInvalid(`invalid mount config for type "${mount.type}": field target must not be empty`);
  }
  return mount;
}

const flags: ReadonlySet<string> = new Set(['readonly', 'ro', 'readwrite', 'rw', 'required']);
const types: ReadonlySet<string> = new Set(['bind', 'cache', 'tmpfs', 'secret', 'ssh']);

type Reader = (value: string, key: string) => Partial<RunMountFlag>;

const target: Reader = (value) => ({ target: value });
const source: Reader = (value) => ({ source: value });
const readonly: Reader = (value, key) => ({ readonly: truth(value, key) });
const readwrite: Reader = (value, key) => ({ readonly: !truth(value, key) });

const fieldReaders: Readonly<Record<string, Reader>> = {
  __proto__: null as never, // no inherited key is a field
  type: (value) => {
    if (!types.has(value)) throw buildInvalid(`unsupported mount type "${value}"`);
    return { type: value as RunMountType }; // checked above
  },
  target,
  dst: target,
  destination: target,
  source,
  src: source,
  from: (value) => ({ from: value }),
  id: (value) => ({ id: value }),
  env: (value) => ({ env: value }),
  readonly,
  ro: readonly,
  readwrite,
  rw: readwrite,
  required: (value, key) => ({ required: truth(value, key) }),
  sharing: (value) => {
    if (value !== 'shared' && value !== 'private' && value !== 'locked') {
      throw buildInvalid(`unsupported sharing value "${value}"`);
    }
    return { sharing: value };
  },
  mode: (value) => ({ mode: number(value, 'mode', 8) }),
  uid: (value) => ({ uid: number(value, 'uid', 10) }),
  gid: (value) => ({ gid: number(value, 'gid', 10) }),
  size: (value) => ({ size: size(value) }),
};

function truth(value: string, key: string): boolean {
  if (/^(?:true|1)$/i.test(value)) return true;
  if (/^(?:false|0)$/i.test(value)) return false;
  throw buildInvalid(`invalid value for ${key}: ${value}`);
}

function number(value: string, name: string, radix: 8 | 10): number {
  if (!(radix === 8 ? /^[0-7]{1,5}$/ : /^\d{1,9}$/).test(value)) {
    throw buildInvalid(`invalid value ${value} for ${name}`);
  }
  return Number.parseInt(value, radix);
}

function size(value: string): number {
  const [, digits, unit = ''] = /^(\d{1,12})([kmg]?)b?$/i.exec(value) ?? [];
  if (digits === undefined) throw buildInvalid(`invalid value for size: ${value}`);
  return Number(digits) * 1024 ** ' kmg'.indexOf(unit.toLowerCase() || ' ');
}
