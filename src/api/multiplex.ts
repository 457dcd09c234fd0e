/**
 * The framing of stdout and stderr on one connection (Engine API, ContainerAttach, "Stream format"):
 * one byte stream type, three zero bytes, four bytes big-endian length, payload.
 */
export type StreamName = 'stdin' | 'stdout' | 'stderr' | 'systemerr';

export interface Frame {
  readonly stream: StreamName;
  readonly payload: Buffer;
}

const names: readonly StreamName[] = ['stdin', 'stdout', 'stderr', 'systemerr'];

export function frameHeader(stream: StreamName, length: number): Buffer {
  const header = Buffer.alloc(8);
  header[0] = names.indexOf(stream);
  header.writeUInt32BE(length, 4);
  return header;
}

export function encodeFrame(stream: StreamName, payload: Uint8Array): Buffer {
  return Buffer.concat([frameHeader(stream, payload.length), payload]);
}

/** Cuts a byte stream into frames; a payload is handed on as it arrives, in pieces, never gathered. */
export class FrameDecoder {
  #pending: Buffer = Buffer.alloc(0);
  #stream: StreamName = 'stdout';
  #remaining = 0;

  *push(chunk: Buffer): Generator<Frame> {
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (;;) {
      if (this.#remaining === 0 && !this.#readHeader()) return;
      if (this.#remaining === 0) continue;
      if (this.#pending.length === 0) return;
      const payload = this.#pending.subarray(0, this.#remaining);
      this.#pending = this.#pending.subarray(payload.length);
      this.#remaining -= payload.length;
      yield { stream: this.#stream, payload };
    }
  }

  #readHeader(): boolean {
    if (this.#pending.length < 8) return false;
    this.#stream = names[this.#pending[0] ?? 1] ?? 'stdout';
    this.#remaining = this.#pending.readUInt32BE(4);
    this.#pending = this.#pending.subarray(8);
    return true;
  }
}
