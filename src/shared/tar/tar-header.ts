import { tarInvalid } from './tar-error.js';

/** A header block as it stands in the archive (POSIX.1-2017 pax, "ustar Interchange Format"). */
export interface TarHeader {
  readonly typeFlag: string;
  readonly name: string;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  readonly mtimeSeconds: number;
  readonly major: number;
  readonly minor: number;
}

export const blockSize = 512;

/** Reads the header at `at`; undefined for a block of zeros (end of archive). Throws TAR_INVALID. */
export function readHeader(block: Buffer, at: number): TarHeader | undefined {
  const sum = checksum(block, at);
  if (sum.unsigned === 256 && isZero(block, at)) return undefined; // eight spaces for the checksum field
  const stored = headerNumber(block, at + 148, 8, 'checksum');
  if (stored !== sum.unsigned && stored !== sum.signed) throw tarInvalid('header checksum mismatch');
  const isPosix = block.toString('latin1', at + 257, at + 263) === 'ustar\0';
  const hasDevices = isPosix || block.toString('latin1', at + 257, at + 263) === 'ustar ';
  const name = text(block, at, 100);
  const prefix = isPosix ? text(block, at + 345, 155) : '';
  return {
    typeFlag: String.fromCharCode(block[at + 156] ?? 0),
    name: prefix === '' ? name : `${prefix}/${name}`,
    linkName: text(block, at + 157, 100),
    mode: headerNumber(block, at + 100, 8, 'mode'),
    uid: headerNumber(block, at + 108, 8, 'uid'),
    gid: headerNumber(block, at + 116, 8, 'gid'),
    size: headerNumber(block, at + 124, 12, 'size'),
    mtimeSeconds: headerNumber(block, at + 136, 12, 'mtime'),
    major: hasDevices ? headerNumber(block, at + 329, 8, 'device number') : 0,
    minor: hasDevices ? headerNumber(block, at + 337, 8, 'device number') : 0,
  };
}

/** Old writers summed signed characters. */
export function checksum(block: Buffer, at: number): { unsigned: number; signed: number } {
  let unsigned = 256; // the checksum field counts as eight spaces
  let high = 0;
  for (let index = at; index < at + blockSize; index++) {
    const byte = block[index] ?? 0;
    unsigned += byte;
    high += byte >> 7;
  }
  for (let index = at + 148; index < at + 156; index++) {
    const byte = block[index] ?? 0;
    unsigned -= byte;
    high -= byte >> 7;
  }
  return { unsigned, signed: unsigned - 256 * high };
}

function isZero(block: Buffer, at: number): boolean {
  for (let index = at; index < at + blockSize; index++) if (block[index] !== 0) return false;
  return true;
}

function text(block: Buffer, at: number, length: number): string {
  const end = block.indexOf(0, at);
  return block.toString('latin1', at, end === -1 || end > at + length ? at + length : end);
}

export function headerNumber(block: Buffer, at: number, length: number, what: string): number {
  const first = block[at] ?? 0;
  if (first & 0x80) return base256(block, at, length, what);
  return octal(block, at, at + length, what);
}

/** By hand: six numbers in every header make this the hottest place of the parser. */
function octal(block: Buffer, begin: number, end: number, what: string): number {
  let at = begin;
  while (at < end && isBlank(block[at])) at++;
  let value = 0;
  for (; at < end && !isBlank(block[at]); at++) {
    const digit = (block[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) throw tarInvalid(`${what} is not octal`);
    value = value * 8 + digit;
  }
  return value;
}

function isBlank(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0;
}

/** GNU's and star's two's complement form for numbers that octal digits cannot hold. */
function base256(block: Buffer, at: number, length: number, what: string): number {
  const bits = BigInt(length * 8 - 1);
  let value = 0n;
  for (let index = 0; index < length; index++) value = (value << 8n) | BigInt(block[at + index] ?? 0);
  const signed = BigInt.asIntN(Number(bits), value);
  const result = Number(signed);
  if (!Number.isSafeInteger(result)) throw tarInvalid(`${what} is too large`);
  return result;
}
