/** DNS messages (RFC 1035, 6891), as much of them as a server needs that answers names and forwards the rest. */

export const RecordType = { A: 1, PTR: 12, MX: 15, AAAA: 28 } as const;
export const ResponseCode = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
} as const;

/** A request with one question. */
export interface Query {
  /** As it came. */
  readonly message: Buffer;
  /** In lower case, without the last dot. */
  readonly name: string;
  readonly type: number;
  readonly recordClass: number;
  /** How long header and question are: what an answer repeats. */
  readonly questionEnd: number;
  /** The largest answer that the asker takes by UDP. */
  readonly udpSize: number;
}

/** A question, the response code that its form alone deserves, or undefined where no answer is due. */
export function decodeQuery(message: Buffer): Query | number | undefined {
  if (message.length < HEADER || isResponse(message)) return undefined;
  if ((message.readUInt8(2) & OPCODE) !== 0) return ResponseCode.NOTIMP;
  if (message.readUInt16BE(4) !== 1) return ResponseCode.FORMERR;
  const name = decodeName(message, HEADER);
  if (!name || name.end + 4 > message.length) return ResponseCode.FORMERR;
  return {
    message,
    name: name.text,
    type: message.readUInt16BE(name.end),
    recordClass: message.readUInt16BE(name.end + 2),
    questionEnd: name.end + 4,
    udpSize: udpSizeOf(message, name.end + 4),
  };
}

/** Addresses (their bytes) or names, each of which becomes a record of the question's type. */
export function encodeAnswer(query: Query, records: readonly Buffer[], limit: number): Buffer {
  const room = Math.max(0, limit - query.questionEnd);
  let used = 0;
  const fitting = records.filter((data) => {
    used += RECORD + data.length;
    return used <= room;
  });
  const truncated = fitting.length < records.length;
  return Buffer.concat([
    responseHeader(query, { code: ResponseCode.NOERROR, answers: fitting.length, truncated }),
    ...fitting.flatMap((data) => [recordHeader(query, data.length), data]),
  ]);
}

export function encodeFailure(query: Query, code: number): Buffer {
  return responseHeader(query, { code, answers: 0, truncated: false });
}

/** For a message whose question cannot be read. */
export function encodeRejection(message: Buffer, code: number): Buffer {
  const header = Buffer.alloc(HEADER);
  header.set(message.subarray(0, 2));
  header.writeUInt16BE(RESPONSE | (message.readUInt16BE(2) & (OPCODE_BITS | RECURSION_DESIRED)) | code, 2);
  return header;
}

export function encodeName(name: string): Buffer {
  const labels = name.split('.').filter(Boolean);
  return Buffer.concat([
    ...labels.map((label) => {
      const bytes = Buffer.from(label, 'latin1').subarray(0, 63);
      return Buffer.concat([Buffer.of(bytes.length), bytes]);
    }),
    Buffer.of(0),
  ]);
}

export function isResponse(message: Buffer): boolean {
  return message.length >= HEADER && (message.readUInt8(2) & 0x80) !== 0;
}

export function responseCode(message: Buffer): number {
  return message.readUInt8(3) & 0xf;
}

/** Whether a message that came from a server answers the question: same ID, same question (some leave it out). */
export function answers(message: Buffer, id: number, query: Query): boolean {
  if (!isResponse(message) || message.readUInt16BE(0) !== id) return false;
  if (message.readUInt16BE(4) === 0) return true;
  const name = decodeName(message, HEADER);
  return name?.text === query.name && message.readUInt16BE(name.end) === query.type;
}

/** The message with another ID, in memory of its own. */
export function withId(message: Buffer, id: number): Buffer {
  const copy = Buffer.from(message);
  copy.writeUInt16BE(id, 0);
  return copy;
}

interface ResponseOptions {
  readonly code: number;
  readonly answers: number;
  readonly truncated: boolean;
}

function responseHeader(query: Query, { code, answers, truncated }: ResponseOptions): Buffer {
  const start = Buffer.from(query.message.subarray(0, query.questionEnd));
  const asked = start.readUInt16BE(2) & (RECURSION_DESIRED | CHECKING_DISABLED);
  start.writeUInt16BE(RESPONSE | asked | RECURSION_AVAILABLE | (truncated ? TRUNCATED : 0) | code, 2);
  start.writeUInt16BE(1, 4);
  start.writeUInt16BE(answers, 6);
  start.writeUInt32BE(0, 8);
  return start;
}

/** Its name is a pointer to the question's. */
function recordHeader({ type, recordClass }: Query, length: number): Buffer {
  const header = Buffer.alloc(RECORD);
  header.writeUInt16BE(0xc000 | HEADER, 0);
  header.writeUInt16BE(type, 2);
  header.writeUInt16BE(recordClass, 4);
  header.writeUInt32BE(ttlSeconds, 6);
  header.writeUInt16BE(length, 10);
  return header;
}

/** A name without compression, which a question cannot have: there is nothing before it to point to. */
function decodeName(
  message: Buffer,
  start: number,
): { readonly text: string; readonly end: number } | undefined {
  let at = start;
  for (;;) {
    const length = message[at];
    if (length === undefined || length > 63 || at - start > 254) return undefined;
    if (length === 0) break;
    at += 1 + length;
  }
  const labels: string[] = [];
  for (let from = start; from < at; from += 1 + (message[from] ?? 0)) {
    labels.push(message.toString('latin1', from + 1, from + 1 + (message[from] ?? 0)));
  }
  return { text: labels.join('.').toLowerCase(), end: at + 1 };
}

/** Of the OPT record, where it is the first after the question, as every client sends it. */
function udpSizeOf(message: Buffer, at: number): number {
  const isOpt =
    message.length >= at + 11 && message.readUInt8(at) === 0 && message.readUInt16BE(at + 1) === OPT;
  return isOpt ? Math.max(smallestSize, message.readUInt16BE(at + 3)) : smallestSize;
}

const HEADER = 12;
const RECORD = 12;
const OPT = 41;
const OPCODE = 0x78;
const RESPONSE = 0x8000;
const OPCODE_BITS = 0x7800;
const TRUNCATED = 0x0200;
const RECURSION_DESIRED = 0x0100;
const RECURSION_AVAILABLE = 0x0080;
const CHECKING_DISABLED = 0x0010;
const smallestSize = 512;
/** Docker's. */
const ttlSeconds = 600;
