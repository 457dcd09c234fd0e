export interface SeedFile {
  readonly name: string;
  readonly content: string | Uint8Array;
}

const sector = 2048;
/** Sectors 0 to 15 are left to the system; then both descriptors, both path tables, the root directory. */
const primaryAt = 16;
const terminatorAt = 17;
const pathTablesAt = [18, 19] as const;
const rootAt = 20;
const filesAt = 21;

/**
 * An ISO 9660 image (ECMA-119, level 2) of one directory. Names are stored in capitals with a version, and Linux
 * shows them in lower case without it; that is all that cloud-init's NoCloud asks for. The same input gives the
 * same bytes. Names are at most 27 of a-z, 0-9, "-", "_" and ".".
 */
export function isoImage(label: string, files: readonly SeedFile[]): Buffer {
  const placed = place(files);
  const sectors = placed.reduce((end, { at, content }) => Math.max(end, at + sectorsOf(content)), filesAt);
  const image = Buffer.alloc(sectors * sector);
  const root = directory(placed);
  image.set(primaryDescriptor(label, sectors), primaryAt * sector);
  image.set(Buffer.from([255, ...Buffer.from('CD001'), 1]), terminatorAt * sector);
  image.set(pathTable('little'), pathTablesAt[0] * sector);
  image.set(pathTable('big'), pathTablesAt[1] * sector);
  image.set(root, rootAt * sector);
  for (const { at, content } of placed) image.set(content, at * sector);
  return image;
}

interface Placed {
  readonly name: string;
  readonly content: Buffer;
  readonly at: number;
}

function place(files: readonly SeedFile[]): readonly Placed[] {
  let at = filesAt;
  const sorted = [...files].sort((left, right) => (left.name < right.name ? -1 : 1));
  return sorted.map(({ name, content }) => {
    if (!/^[a-z0-9_.-]{1,27}$/.test(name)) throw new TypeError(`"${name}" is no name for an ISO 9660 file`);
    const bytes = Buffer.from(content);
    const here = { name, content: bytes, at };
    at += sectorsOf(bytes);
    return here;
  });
}

function sectorsOf(content: Uint8Array): number {
  return Math.max(1, Math.ceil(content.length / sector));
}

/** ECMA-119, section 8.4. */
function primaryDescriptor(label: string, sectors: number): Buffer {
  const block = Buffer.alloc(sector);
  block.set([1, ...Buffer.from('CD001'), 1]);
  text(block, 8, 32, '');
  text(block, 40, 32, label);
  both32(block, 80, sectors);
  both16(block, 120, 1); // volumes in the set
  both16(block, 124, 1);
  both16(block, 128, sector);
  both32(block, 132, pathTable('little').length);
  block.writeUInt32LE(pathTablesAt[0], 140);
  block.writeUInt32BE(pathTablesAt[1], 148);
  block.set(record(Buffer.from([0]), rootAt, sector, true), 156);
  text(block, 190, 813 - 190, ''); // publisher and the like
  for (const at of [813, 830, 847, 864]) block.fill('0', at, at + 16); // no dates: zeros and the zone
  block[881] = 1;
  return block;
}

/** Section 9.4: the root is the only directory. */
function pathTable(order: 'little' | 'big'): Buffer {
  const table = Buffer.alloc(10);
  table[0] = 1;
  if (order === 'little') {
    table.writeUInt32LE(rootAt, 2);
    table.writeUInt16LE(1, 6);
  } else {
    table.writeUInt32BE(rootAt, 2);
    table.writeUInt16BE(1, 6);
  }
  return table;
}

function directory(files: readonly Placed[]): Buffer {
  const records = [
    record(Buffer.from([0]), rootAt, sector, true),
    record(Buffer.from([1]), rootAt, sector, true),
    ...files.map(({ name, at, content }) => record(identifier(name), at, content.length, false)),
  ];
  const all = Buffer.concat(records);
  if (all.length > sector) throw new TypeError('too many files for one sector of an ISO 9660 directory');
  return all;
}

function identifier(name: string): Buffer {
  return Buffer.from(`${name.toUpperCase()}${name.includes('.') ? '' : '.'};1`);
}

/** Section 9.1. */
function record(name: Uint8Array, at: number, length: number, isDirectory: boolean): Buffer {
  const size = 33 + name.length + (name.length % 2 === 0 ? 1 : 0);
  const bytes = Buffer.alloc(size);
  bytes[0] = size;
  both32(bytes, 2, at);
  both32(bytes, 10, length);
  bytes.set([70, 1, 1], 18); // 1 January 1970
  bytes[25] = isDirectory ? 2 : 0;
  both16(bytes, 28, 1);
  bytes[32] = name.length;
  bytes.set(name, 33);
  return bytes;
}

function text(block: Buffer, at: number, length: number, value: string): void {
  block.write(value.padEnd(length).slice(0, length), at, 'latin1');
}

function both16(block: Buffer, at: number, value: number): void {
  block.writeUInt16LE(value, at);
  block.writeUInt16BE(value, at + 2);
}

function both32(block: Buffer, at: number, value: number): void {
  block.writeUInt32LE(value, at);
  block.writeUInt32BE(value, at + 4);
}
