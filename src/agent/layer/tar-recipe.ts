import { closeSync, openSync, writeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { ByteString, TarEntry } from '../../shared/tar/tar-entry.js';
import type { SparseTarHandler } from '../../shared/tar/tar-handler.js';
import { layerInvalid } from './errors.js';

/** A piece of the archive that a layer was unpacked from: bytes as they were, or content of an unpacked file. */
export type RecipePiece = Buffer | FileRun;

/** Bytes of an unpacked file: all of them, or what lies between two holes of a sparse one. */
export interface FileRun {
  readonly path: ByteString;
  readonly offset: number;
  readonly size: number;
  /** Of the whole file. */
  readonly fileSize: number;
}

/** What a recorder must know of who unpacks: the path of the file that takes the content now. */
export interface RecordedUnpacker extends SparseTarHandler {
  readonly writing: ByteString | undefined;
}

/**
 * Writes down, while an archive is unpacked, what the unpacked files do not tell: headers, padding, order. With it
 * the archive can be written again byte by byte (its digest names the layer), without keeping it. Memory: one block.
 */
export class TarRecorder implements SparseTarHandler {
  readonly #unpacker: RecordedUnpacker;
  readonly #fd: number;
  /** What has not been told yet of the piece that is being read; it ends at `#seen`. */
  #held: Buffer = Buffer.alloc(0);
  #seen = 0;
  #run: { -readonly [K in keyof FileRun]: FileRun[K] } | undefined;
  #block: Buffer[] = [];
  #blockLength = 0;

  constructor(path: string, unpacker: RecordedUnpacker) {
    this.#fd = openSync(path, 'wx', 0o600);
    this.#unpacker = unpacker;
  }

  /** Bytes of the archive so far. */
  get tarSize(): number {
    return this.#seen;
  }

  /** Every byte, before it is parsed. */
  bytes(chunk: Buffer): void {
    this.#addRaw(this.#held);
    this.#held = chunk;
    this.#seen += chunk.length;
  }

  begin(entry: TarEntry): void {
    this.#unpacker.begin(entry);
    const path = this.#unpacker.writing;
    this.#run = path === undefined ? undefined : { path, offset: 0, size: 0, fileSize: entry.size };
  }

  data(chunk: Buffer, ahead: number): void {
    this.#unpacker.data(chunk, ahead);
    if (!this.#run) return;
    this.#addRaw(this.#held.subarray(0, this.#held.length - ahead - chunk.length));
    this.#held = this.#held.subarray(this.#held.length - ahead);
    this.#run.size += chunk.length;
  }

  hole(length: number): void {
    this.#unpacker.hole(length);
    if (!this.#run) return;
    this.#addRun(this.#run);
    this.#run.offset += this.#run.size + length;
    this.#run.size = 0;
  }

  end(): void {
    this.#unpacker.end();
    if (this.#run) this.#addRun(this.#run);
    this.#run = undefined;
  }

  /** After the last entry. */
  finish(): void {
    this.#addRaw(this.#held);
    this.#held = Buffer.alloc(0);
    this.#writeBlock();
  }

  dispose(): void {
    closeSync(this.#fd);
  }

  #addRaw(bytes: Buffer): void {
    if (bytes.length === 0) return;
    const head = Buffer.allocUnsafe(5);
    head.writeUInt8(RAW, 0);
    head.writeUInt32LE(bytes.length, 1);
    this.#add(head, Buffer.from(bytes)); // a copy: the bytes are the stream's
  }

  #addRun(run: FileRun): void {
    if (run.size === run.fileSize) this.#addFile(run);
    else if (run.size > 0) this.#addPart(run);
  }

  #addPart({ path, offset, size, fileSize }: FileRun): void {
    const name = Buffer.from(path, 'latin1');
    const head = Buffer.allocUnsafe(23);
    head.writeUInt8(PART, 0);
    head.writeUIntLE(size, 1, 6);
    head.writeUIntLE(offset, 7, 6);
    head.writeUIntLE(fileSize, 13, 6);
    head.writeUInt32LE(name.length, 19);
    this.#add(head, name);
  }

  #addFile({ path, size }: FileRun): void {
    if (size === 0) return;
    const name = Buffer.from(path, 'latin1');
    const head = Buffer.allocUnsafe(11);
    head.writeUInt8(FILE, 0);
    head.writeUIntLE(size, 1, 6);
    head.writeUInt32LE(name.length, 7);
    this.#add(head, name);
  }

  #add(...parts: readonly Buffer[]): void {
    for (const part of parts) {
      this.#block.push(part);
      this.#blockLength += part.length;
    }
    if (this.#blockLength >= BLOCK) this.#writeBlock();
  }

  /** Records never cross blocks, so each can be read for itself. */
  #writeBlock(): void {
    if (this.#blockLength === 0) return;
    const packed = zstdCompressSync(Buffer.concat(this.#block, this.#blockLength));
    const head = Buffer.allocUnsafe(4);
    head.writeUInt32LE(packed.length, 0);
    const bytes = Buffer.concat([head, packed]);
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#fd, bytes, at);
    this.#block = [];
    this.#blockLength = 0;
  }
}

/** Reads what a recorder wrote. Throws LAYER_INVALID when it is damaged. */
export async function* readTarRecipe(path: string): AsyncGenerator<RecipePiece> {
  await using file = await open(path, 'r');
  const head = Buffer.alloc(4);
  for (;;) {
    const { bytesRead } = await file.read(head, 0, 4, null);
    if (bytesRead === 0) return;
    const packed = Buffer.alloc(Math.min(head.readUInt32LE(0), 4 * BLOCK));
    const got = await file.read(packed, 0, packed.length, null);
    if (bytesRead < 4 || got.bytesRead < packed.length) throw layerInvalid('its recipe is damaged');
    yield* pieces(unpackBlock(packed));
  }
}

function unpackBlock(packed: Buffer): Buffer {
  try {
    return zstdDecompressSync(packed, { maxOutputLength: 4 * BLOCK });
  } catch (error) {
    throw layerInvalid('its recipe is damaged', error);
  }
}

function* pieces(block: Buffer): Generator<RecipePiece> {
  for (let at = 0; at < block.length; ) {
    const kind = block.readUInt8(at);
    const from = at + (headLengths[kind] ?? headLengths[RAW]);
    const length = block.readUInt32LE(from - 4);
    const bytes = block.subarray(from, from + length);
    yield kind === RAW ? bytes : fileRun(block, at, bytes.toString('latin1'));
    at = from + length;
  }
}

function fileRun(block: Buffer, at: number, path: ByteString): FileRun {
  const size = block.readUIntLE(at + 1, 6);
  if (block.readUInt8(at) === FILE) return { path, size, offset: 0, fileSize: size };
  return { path, size, offset: block.readUIntLE(at + 7, 6), fileSize: block.readUIntLE(at + 13, 6) };
}

const RAW = 0;
const FILE = 1;
const PART = 2;
/** Up to the bytes or the path; their length is the last number of each. */
const headLengths = [5, 11, 23] as const;
const BLOCK = 256 * 1024;
