import { tarInvalid } from './tar-error.js';

/** Records of a pax extended header by keyword; values are bytes, since xattrs are binary. */
export type PaxRecords = ReadonlyMap<string, Buffer>;

/**
 * Reads "LENGTH KEYWORD=VALUE\n" records. GNU tar's sparse format 0.0 has several of the same keyword; they are joined
 * to GNU.sparse.map, as in format 0.1. Throws TAR_INVALID.
 */
export function parsePax(content: Buffer): PaxRecords {
  const records = new Map<string, Buffer>();
  const sparse: Buffer[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(0x20, at);
    const length = space === -1 ? Number.NaN : decimal(content.toString('latin1', at, space));
    const end = at + length;
    const equals = content.indexOf(0x3d, space);
    const isWhole = end <= content.length && equals !== -1 && equals < end && content[end - 1] === 0x0a;
    if (!isWhole) throw tarInvalid('damaged pax header');
    const keyword = content.toString('latin1', space + 1, equals);
    const value = Buffer.from(content.subarray(equals + 1, end - 1));
    const turn = sparseKeywords.indexOf(keyword);
    if (turn === -1) records.set(keyword, value);
    else if (turn !== sparse.length % 2) throw tarInvalid(`${keyword} out of order`);
    else sparse.push(value);
    at = end;
  }
  if (sparse.length > 0) records.set('GNU.sparse.map', Buffer.from(sparse.join(',')));
  return records;
}

const sparseKeywords: readonly string[] = ['GNU.sparse.offset', 'GNU.sparse.numbytes'];

export function formatPax(records: PaxRecords): Buffer {
  return Buffer.concat([...records].map(([keyword, value]) => record(Buffer.from(keyword, 'latin1'), value)));
}

/** "1699999999.123456789" → nanoseconds, without a detour over floating point. */
export function parsePaxTime(value: Buffer): bigint {
  const match = /^(-?)(\d+)(?:\.(\d*))?$/.exec(value.toString('latin1'));
  if (!match) throw tarInvalid('damaged time in pax header');
  const nanos = BigInt(match[2] ?? 0) * 1_000_000_000n + BigInt((match[3] ?? '').slice(0, 9).padEnd(9, '0'));
  return match[1] === '-' ? -nanos : nanos;
}

export function parsePaxNumber(value: Buffer): number {
  const result = decimal(value.toString('latin1'));
  if (!Number.isSafeInteger(result)) throw tarInvalid('damaged number in pax header');
  return result;
}

function decimal(digits: string): number {
  return /^\d{1,16}$/.test(digits) ? Number(digits) : Number.NaN;
}

/** The length counts its own digits. */
function record(keyword: Buffer, value: Buffer): Buffer {
  const rest = keyword.length + value.length + 3;
  let length = rest + String(rest).length;
  if (String(length).length > String(rest).length) length = rest + String(length).length;
  return Buffer.concat([Buffer.from(`${length} `), keyword, Buffer.from('='), value, Buffer.from('\n')]);
}
