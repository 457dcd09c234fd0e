const magic = 0xfd2fb528;
const skippableMagic = 0x184d2a50;

/**
 * The same bytes cut so that every frame begins with a piece of its own, without skippable frames (RFC 8878, section
 * 3.1). Node's decompressor drops what follows a frame in the same piece; archives of several frames are what parallel
 * compressors and "zstd:chunked" make.
 */
export async function* zstdFrames(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const reader = new Reader(source);
  for (;;) {
    const start = await reader.take(4);
    if (start.length === 0) return;
    const kind = start.length < 4 ? 0 : start.readUInt32LE(0);
    if ((kind & 0xfffffff0) === skippableMagic) await skip(reader);
    else if (kind >>> 0 === magic) yield* frame(reader, start);
    else {
      yield start; // no frame: the decompressor says so
      yield* reader.rest();
      return;
    }
  }
}

async function skip(reader: Reader): Promise<void> {
  const size = await reader.take(4);
  if (size.length < 4) return;
  for (let left = size.readUInt32LE(0); left > 0; ) {
    const piece = await reader.take(Math.min(left, 65_536));
    if (piece.length === 0) return;
    left -= piece.length;
  }
}

/** Header, blocks, checksum; what is cut off is passed on as it is. */
async function* frame(reader: Reader, start: Buffer): AsyncGenerator<Buffer> {
  const descriptor = await reader.take(1);
  const flags = descriptor[0] ?? 0;
  yield Buffer.concat([start, descriptor, await reader.take(headerLength(flags))]);
  for (let isLast = false; !isLast; ) {
    const header = await reader.take(3);
    const value = header.length < 3 ? 1 : header.readUIntLE(0, 3);
    isLast = (value & 1) === 1;
    const isRepeated = ((value >> 1) & 3) === 1;
    const content = header.length < 3 ? Buffer.alloc(0) : await reader.take(isRepeated ? 1 : value >> 3);
    yield Buffer.concat([header, content]);
  }
  if (flags & 4) yield await reader.take(4);
}

/** Behind the descriptor: window, dictionary and content size. */
function headerLength(flags: number): number {
  const isSingle = (flags >> 5) & 1;
  const dictionary = [0, 1, 2, 4][flags & 3] ?? 0;
  const contentSize = [isSingle, 2, 4, 8][flags >> 6] ?? 0;
  return (isSingle ? 0 : 1) + dictionary + contentSize;
}

class Reader {
  readonly #source: AsyncIterator<Buffer>;
  #piece: Buffer = Buffer.alloc(0);

  constructor(source: AsyncIterable<Buffer>) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** Fewer at the end. */
  async take(length: number): Promise<Buffer> {
    if (this.#piece.length >= length) return this.#cut(length);
    const parts: Buffer[] = [];
    let missing = length;
    while (missing > 0 && (await this.#fill())) {
      const part = this.#cut(missing);
      parts.push(part);
      missing -= part.length;
    }
    return Buffer.concat(parts);
  }

  async *rest(): AsyncGenerator<Buffer> {
    while (await this.#fill()) yield this.#cut(this.#piece.length);
  }

  #cut(length: number): Buffer {
    const part = this.#piece.subarray(0, length);
    this.#piece = this.#piece.subarray(part.length);
    return part;
  }

  async #fill(): Promise<boolean> {
    while (this.#piece.length === 0) {
      const next = await this.#source.next();
      if (next.done) return false;
      this.#piece = next.value;
    }
    return true;
  }
}
