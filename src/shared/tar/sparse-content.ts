import type { SparseMap } from './sparse-map.js';
import type { TarHandler } from './tar-handler.js';

/** Tells a handler of a sparse file's data and holes in their order. Call `begin` once, first. */
export class SparseContent {
  readonly #map: SparseMap;
  readonly #handler: TarHandler;
  #position = 0;
  #run = 0;

  constructor(map: SparseMap, handler: TarHandler) {
    this.#map = map;
    this.#handler = handler;
  }

  begin(): void {
    this.#passHole();
  }

  /** What is in the archive, as for `TarHandler.data`. */
  data(chunk: Buffer, ahead: number): void {
    for (let at = 0; at < chunk.length; ) {
      const run = this.#map.runs[this.#run] ?? { offset: this.#position, length: chunk.length };
      const end = run.offset + run.length;
      const piece = chunk.subarray(at, at + end - this.#position);
      at += piece.length;
      this.#position += piece.length;
      this.#handler.data(piece, ahead + chunk.length - at);
      if (this.#position < end) return;
      this.#run += 1;
      this.#passHole();
    }
  }

  #passHole(): void {
    const end = this.#map.runs[this.#run]?.offset ?? this.#map.size;
    const length = end - this.#position;
    this.#position = end;
    if (length > 0) passHole(this.#handler, length);
  }
}

function passHole(handler: TarHandler, length: number): void {
  if (handler.hole) handler.hole(length);
  else for (const chunk of zeroChunks(length)) handler.data(chunk, 0);
}

/** A hole written out; the chunks are not to be changed. */
export function* zeroChunks(length: number): Generator<Buffer> {
  for (let left = length; left > 0; left -= zeros.length) yield zeros.subarray(0, left);
}

const zeros = Buffer.alloc(64 * 1024);
