/** Frames of the WebSocket protocol, as a server reads and writes them (RFC 6455, section 5). */
export interface FrameHandler {
  /** A piece of a text or binary message; where messages begin and end is not told. */
  onData(payload: Buffer): void;
  onPing(payload: Buffer): void;
  onClose(): void;
}

/** Cuts a client's bytes into frames; payloads are handed on as they arrive. Nothing is told after a close. */
export class FrameParser {
  readonly #handler: FrameHandler;
  #pending: Buffer = Buffer.alloc(0);
  #opcode = 0;
  #mask: Buffer = Buffer.alloc(4);
  #masked = 0;
  #remaining = 0;
  #control: Buffer[] = [];
  #inFrame = false;
  #closed = false;

  constructor(handler: FrameHandler) {
    this.#handler = handler;
  }

  /** Throws RangeError when the client breaks the protocol. */
  write(chunk: Buffer): void {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (!this.#closed && (this.#inFrame ? this.#takePayload() : this.#takeHeader()));
  }

  #takeHeader(): boolean {
    const [first = 0, second = 0] = this.#pending;
    const short = second & 0x7f;
    const extended = short === 126 ? 2 : short === 127 ? 8 : 0;
    const size = 2 + extended + 4;
    if (this.#pending.length < size) return false;
    if ((second & 0x80) === 0) throw new RangeError('a frame of a client must be masked');
    if ((first & 0x70) !== 0) throw new RangeError('no extension was agreed upon');
    this.#opcode = first & 0x0f;
    if (!KNOWN.has(this.#opcode)) throw new RangeError(`unknown opcode ${this.#opcode}`);
    if (this.#opcode >= CLOSE && (short > 125 || (first & 0x80) === 0)) {
      throw new RangeError('a control frame is short and whole');
    }
    this.#remaining = this.#length(short);
    this.#mask = Buffer.from(this.#pending.subarray(size - 4, size));
    this.#masked = 0;
    this.#pending = this.#pending.subarray(size);
    this.#inFrame = true;
    if (this.#remaining === 0) this.#endFrame();
    return true;
  }

  #length(short: number): number {
    if (short === 126) return this.#pending.readUInt16BE(2);
    if (short < 126) return short;
    const length = this.#pending.readBigUInt64BE(2);
    if (length > BigInt(Number.MAX_SAFE_INTEGER)) throw new RangeError('the frame is too long');
    return Number(length);
  }

  #takePayload(): boolean {
    if (this.#pending.length === 0) return false;
    const piece = Buffer.from(this.#pending.subarray(0, this.#remaining));
    this.#pending = this.#pending.subarray(piece.length);
    this.#remaining -= piece.length;
    for (let index = 0; index < piece.length; index++) {
      piece[index] = (piece[index] ?? 0) ^ (this.#mask[(this.#masked + index) & 3] ?? 0);
    }
    this.#masked += piece.length;
    if (this.#opcode >= CLOSE) this.#control.push(piece);
    else this.#handler.onData(piece);
    if (this.#remaining === 0) this.#endFrame();
    return true;
  }

  #endFrame(): void {
    this.#inFrame = false;
    const payload = Buffer.concat(this.#control.splice(0));
    if (this.#opcode === PING) this.#handler.onPing(payload);
    if (this.#opcode !== CLOSE) return;
    this.#closed = true;
    this.#handler.onClose();
  }
}

/** A whole message: its header, and the payload itself. */
export function dataFrame(payload: Buffer, { text }: { readonly text: boolean }): readonly Buffer[] {
  return [header(text ? TEXT : BINARY, payload.length), payload];
}

/** `payload` is the ping's. */
export function pongFrame(payload: Buffer): Buffer {
  return Buffer.concat([header(PONG, payload.length), payload]);
}

export function closeFrame(code: number): Buffer {
  const frame = Buffer.concat([header(CLOSE, 2), Buffer.alloc(2)]);
  frame.writeUInt16BE(code, 2);
  return frame;
}

function header(opcode: number, length: number): Buffer {
  const final = 0x80 | opcode;
  if (length < 126) return Buffer.of(final, length);
  if (length < 0x10000) return Buffer.of(final, 126, length >> 8, length & 0xff);
  const long = Buffer.alloc(10);
  long[0] = final;
  long[1] = 127;
  long.writeBigUInt64BE(BigInt(length), 2);
  return long;
}

const CONTINUATION = 0;
const TEXT = 1;
const BINARY = 2;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const KNOWN: ReadonlySet<number> = new Set([CONTINUATION, TEXT, BINARY, CLOSE, PING, PONG]);
