import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { malformedMessage } from './errors.js';

/**
 * How a field of a protobuf message is read and written. `In` is what a writer may leave out of `T`. An absent field
 * has the value `empty()`, and one with that value is not written.
 */
export interface FieldType<T, In = T> {
  readonly wire: WireType;
  empty(): T;
  /** `before` is what earlier occurrences of the field have brought. */
  read(reader: BinaryReader, before: T): T;
  write(writer: BinaryWriter, number: number, value: In): void;
}

export interface Message<T, In = Partial<T>> {
  /** Unknown fields are skipped. Throws GRPC_MESSAGE_MALFORMED. */
  decode(bytes: Uint8Array): T;
  encode(value: In): Uint8Array;
}

export type MessageOf<M> = M extends Message<infer T, unknown> ? T : never;

type Fields = Readonly<Record<string, readonly [number: number, type: FieldType<unknown>]>>;
type ValueOf<F> = F extends readonly [number, FieldType<infer T, unknown>] ? T : never;
type InputOf<F> = F extends readonly [number, FieldType<unknown, infer In>] ? In : never;

/** A message by its fields: `message({ name: [1, text] })`. Their numbers are those of the service's definition. */
export function message<const F extends Fields>(
  fields: F,
): Message<
  { readonly [K in keyof F]: ValueOf<F[K]> },
  { readonly [K in keyof F]?: InputOf<F[K]> | undefined }
> {
  type Value = { readonly [K in keyof F]: ValueOf<F[K]> };
  const byNumber = new Map(Object.entries(fields).map(([name, [number, type]]) => [number, { name, type }]));
  return {
    decode(bytes) {
      const value: Record<string, unknown> = {};
      for (const [name, [, type]] of Object.entries(fields)) value[name] = type.empty();
      const reader = new BinaryReader(bytes);
      try {
        while (reader.pos < reader.len) {
          const [number, wire] = reader.tag();
          const field = byNumber.get(number);
          if (field?.type.wire === wire) value[field.name] = field.type.read(reader, value[field.name]);
          else reader.skip(wire, number);
        }
      } catch (error) {
        throw malformedMessage(error);
      }
      return value as Value; // every field was given its own type's value
    },
    encode(value) {
      const writer = new BinaryWriter();
      for (const [name, [number, type]] of Object.entries(fields)) {
        const given = value[name];
        if (given !== undefined) type.write(writer, number, given);
      }
      return writer.finish();
    },
  };
}

export const text: FieldType<string> = {
  wire: WireType.LengthDelimited,
  empty: () => '',
  read: (reader) => reader.string(),
  write(writer, number, value) {
    if (value !== '') writer.tag(number, WireType.LengthDelimited).string(value);
  },
};

export const bytes: FieldType<Uint8Array> = {
  wire: WireType.LengthDelimited,
  empty: () => noBytes,
  read: (reader) => reader.bytes(),
  write(writer, number, value) {
    if (value.length > 0) writer.tag(number, WireType.LengthDelimited).bytes(value);
  },
};

const noBytes = new Uint8Array();

export const bool: FieldType<boolean> = {
  wire: WireType.Varint,
  empty: () => false,
  read: (reader) => reader.bool(),
  write(writer, number, value) {
    if (value) writer.tag(number, WireType.Varint).bool(value);
  },
};

/** int32, int64, uint32 and enumerations alike; exact up to 2⁵³. */
export const integer: FieldType<number> = {
  wire: WireType.Varint,
  empty: () => 0,
  read: (reader) => Number(reader.int64()),
  write(writer, number, value) {
    if (value !== 0) writer.tag(number, WireType.Varint).int64(value);
  },
};

/** A time in nanoseconds. */
export const bigInteger: FieldType<bigint> = {
  wire: WireType.Varint,
  empty: () => 0n,
  read: (reader) => BigInt(reader.int64()),
  write(writer, number, value) {
    if (value !== 0n) writer.tag(number, WireType.Varint).int64(value);
  },
};

export function nested<T, In>(type: Message<T, In>): FieldType<T | undefined, In | undefined> {
  return {
    wire: WireType.LengthDelimited,
    empty: () => undefined,
    read: (reader) => type.decode(reader.bytes()),
    write(writer, number, value) {
      if (value !== undefined) writer.tag(number, WireType.LengthDelimited).bytes(type.encode(value));
    },
  };
}

export function list<T, In>(item: FieldType<T, In>): FieldType<readonly T[], readonly In[]> {
  return {
    wire: item.wire,
    empty: () => [],
    read(reader, before) {
      const all = before.length === 0 ? [] : (before as T[]); // the reader's own until it answers
      all.push(item.read(reader, item.empty()));
      return all;
    },
    write(writer, number, values) {
      for (const value of values) writeAlways(item, writer, number, value);
    },
  };
}

export function messages<T, In>(type: Message<T, In>): FieldType<readonly T[], readonly In[]> {
  return {
    wire: WireType.LengthDelimited,
    empty: () => [],
    read(reader, before) {
      const all = before.length === 0 ? [] : (before as T[]); // as in `list`
      all.push(type.decode(reader.bytes()));
      return all;
    },
    write(writer, number, values) {
      for (const value of values) writer.tag(number, WireType.LengthDelimited).bytes(type.encode(value));
    },
  };
}

/** map<string, …>: entries with a key and a value. */
export function map<T, In>(
  item: FieldType<T, In>,
): FieldType<ReadonlyMap<string, T>, ReadonlyMap<string, In>> {
  return {
    wire: WireType.LengthDelimited,
    empty: () => new Map(),
    read(reader, before) {
      const entry = readEntry(reader.bytes(), item);
      return (before as Map<string, T>).set(entry.key, entry.value); // the reader's own until it answers
    },
    write(writer, number, values) {
      for (const [key, value] of values) {
        const entry = new BinaryWriter();
        text.write(entry, 1, key);
        item.write(entry, 2, value);
        writer.tag(number, WireType.LengthDelimited).bytes(entry.finish());
      }
    },
  };
}

function readEntry<T, In>(entry: Uint8Array, item: FieldType<T, In>): { key: string; value: T } {
  const reader = new BinaryReader(entry);
  let key = '';
  let value = item.empty();
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    if (number === 1 && wire === text.wire) key = reader.string();
    else if (number === 2 && wire === item.wire) value = item.read(reader, value);
    else reader.skip(wire, number);
  }
  return { key, value };
}

/** In a list an empty item counts. */
function writeAlways<T, In>(item: FieldType<T, In>, writer: BinaryWriter, number: number, value: In): void {
  if (typeof value === 'string') writer.tag(number, WireType.LengthDelimited).string(value);
  else if (value instanceof Uint8Array) writer.tag(number, WireType.LengthDelimited).bytes(value);
  else item.write(writer, number, value);
}
