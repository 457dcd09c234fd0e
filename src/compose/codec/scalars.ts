import { parseBytes } from '../../shared/bytes.js';
import { errorMessage } from '../../shared/errors.js';
import { toBoolean } from '../file/boolean.js';
import type { Path } from '../file/path.js';
import { type Value, valueText } from '../file/value.js';
import { type Codec, type Encoded, ShapeError } from './codec.js';
import { formatDuration, parseDuration } from './duration.js';

/** Undefined when nothing or an empty text is said. */
export const text: Codec<string | undefined> = {
  ...same<string | undefined>(),
  decode: (value, at) => decodeText(value ?? '', at) || undefined,
};

/** A text that has to be there. */
export const requiredText: Codec<string> = {
  ...same<string>(),
  decode: (value, at) => decodeText(value ?? '', at),
};

/** False when nothing is said, and left out then. */
export const flag: Codec<boolean> = {
  decode: (value, at) => decodeBoolean(value ?? false, at),
  yaml: (value) => value || undefined,
  json: (value) => value || undefined,
};

/** Undefined when nothing is said. */
export const choice: Codec<boolean | undefined> = {
  ...same<boolean | undefined>(),
  decode: (value, at) => (value === undefined || value === null ? undefined : decodeBoolean(value, at)),
};

/** True when nothing is said; it is always written. */
export const flagOrTrue: Codec<boolean> = {
  decode: (value, at) => decodeBoolean(value ?? true, at),
  yaml: (value) => value,
  json: (value) => value,
};

/** Zero is as good as nothing. */
export const number: Codec<number | undefined> = {
  ...same<number | undefined>(),
  decode: (value, at) => decodeNumber(value ?? 0, at) || undefined,
};

/** Zero says something. */
export const numberOrZero: Codec<number | undefined> = {
  ...same<number | undefined>(),
  decode: (value, at) => (value === undefined || value === null ? undefined : decodeNumber(value, at)),
};

/** A number of single precision, as Compose keeps it. */
export const float: Codec<number | undefined> = {
  ...same<number | undefined>(),
  decode: (value, at) => singlePrecision(decodeNumber(value ?? 0, at)) || undefined,
};

/** Written as a text: `"52428800"`. */
export const bytes: Codec<number | undefined> = {
  decode: (value, at) => decodeBytes(value ?? 0, at) || undefined,
  yaml: (value) => (value === undefined ? undefined : String(value)),
  json: (value) => (value === undefined ? undefined : String(value)),
};

/** Nanoseconds; zero says something. */
export const duration: Codec<number | undefined> = {
  decode: (value, at) => (value === undefined || value === null ? undefined : decodeDuration(value, at)),
  yaml: (value) => (value === undefined ? undefined : formatDuration(value)),
  json: (value) => (value === undefined ? undefined : formatDuration(value)),
};

/** Nanoseconds; zero is as good as nothing. */
export const positiveDuration: Codec<number | undefined> = {
  ...duration,
  decode: (value, at) => duration.decode(value, at) || undefined,
};

/** Zero where nothing is said. */
export function zeroed(codec: Codec<number | undefined>): Codec<number> {
  return { ...codec, decode: (value, at) => codec.decode(value, at) ?? 0 };
}

function same<T extends Encoded | undefined>(): { yaml: (value: T) => T; json: (value: T) => T } {
  return { yaml: (value) => value, json: (value) => value };
}

function decodeText(value: Value, at: Path): string {
  if (typeof value === 'object' && value !== null) throw new ShapeError(at, 'must be a string');
  return valueText(value);
}

function decodeBoolean(value: Value, at: Path): boolean {
  const decoded = typeof value === 'string' ? toBoolean(value) : value;
  if (typeof decoded === 'boolean') return decoded;
  throw new ShapeError(at, `must be true or false, not "${valueText(value)}"`);
}

function decodeNumber(value: Value, at: Path): number {
  const decoded = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof decoded === 'number' && Number.isFinite(decoded)) return decoded;
  throw new ShapeError(at, `must be a number, not "${valueText(value)}"`);
}

function decodeBytes(value: Value, at: Path): number {
  if (typeof value === 'number') return Math.trunc(value);
  try {
    return parseBytes(valueText(value));
  } catch (error) {
    throw new ShapeError(at, errorMessage(error));
  }
}

function decodeDuration(value: Value, at: Path): number {
  const decoded = parseDuration(valueText(value));
  if (decoded !== undefined) return decoded;
  throw new ShapeError(
    at,
    `invalid duration "${valueText(value)}": write a number with a unit, such as 30s or 1m30s`,
  );
}

/** The shortest decimal that is the same number in single precision. */
function singlePrecision(value: number): number {
  const rounded = Math.fround(value);
  for (let digits = 1; digits < 10; digits++) {
    const shorter = Number(rounded.toPrecision(digits));
    if (Math.fround(shorter) === rounded) return shorter;
  }
  return rounded;
}
