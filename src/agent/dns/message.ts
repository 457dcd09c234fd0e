/**
 * DNS messages (RFC 1035, 6891), as much of them as a server needs that answers names and forwards the rest. Each look-up
 * goes through here twice: an answer is written into one piece of memory, so that little is left for the collector, whose
 * pauses are what the slowest look-ups consist of.
 */

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
  let end = query.questionEnd;
  let fitting = 0;
  for (const { length } of records) {
    if (end + RECORD + length > limit) break;
    end += RECORD + length;
    fitting++;
  }
  const answer = Buffer.allocUnsafe(end);
  const truncated = fitting < records.length;
  writeHeader(answer, query, { code: ResponseCode.NOERROR, answers: fitting, truncated });
  let at = query.questionEnd;
  for (const data of records) {
    if (at === end) break;
    writeRecord(answer, at, query, data);
    at += RECORD + data.length;
  }
  return answer;
}

export function encodeFailure(query: Query, code: number): Buffer {
  const answer = Buffer.allocUnsafe(query.questionEnd);
  writeHeader(answer, query, { code, answers: 0, truncated: false });
  return answer;
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

/** The header, and the question as it came. */
function writeHeader(
  answer: Buffer,
  { message, questionEnd }: Query,
  { code, answers, truncated }: ResponseOptions,
): void {
  message.copy(answer, 0, 0, questionEnd);
  const asked = message.readUInt16BE(2) & (RECURSION_DESIRED | CHECKING_DISABLED);
  answer.writeUInt16BE(RESPONSE | asked | RECURSION_AVAILABLE | (truncated ? TRUNCATED : 0) | code, 2);
  answer.writeUInt16BE(1, 4);
  answer.writeUInt16BE(answers, 6);
  answer.writeUInt32BE(0, 8);
}

/** Its name is a pointer to the question's. */
function writeRecord(answer: Buffer, at: number, { type, recordClass }: Query, data: Buffer): void {
  answer.writeUInt16BE(0xc000 | HEADER, at);
  answer.writeUInt16BE(type, at + 2);
  answer.writeUInt16BE(recordClass, at + 4);
  answer.writeUInt32BE(ttlSeconds, at + 6);
  answer.writeUInt16BE(data.length, at + 10);
  answer.set(data, at + RECORD);
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
  let text = message.toString('latin1', start + 1, start + 1 + (message[start] ?? 0));
  for (let from = start + 1 + (message[start] ?? 0); from < at; from += 1 + (message[from] ?? 0)) {
    text += `.${message.toString('latin1', from + 1, from + 1 + (message[from] ?? 0))}`;
  }
  return { text: text.toLowerCase(), end: at + 1 };
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
