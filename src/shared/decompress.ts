import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { type Duplex, pipeline, Readable } from 'node:stream';
import { createGunzip, createZstdDecompress } from 'node:zlib';
import { errorMessage, isTsmachineError, systemErrorCode, TsmachineError } from './errors.js';
import { exitOf, start } from './spawn.js';
import { zstdFrames } from './zstd-frames.js';

export type Compression = 'none' | 'gzip' | 'zstd' | 'xz' | 'bzip2';

/** Told by the first bytes, as docker does, because names and media types lie. */
export function detectCompression(head: Buffer): Compression {
  for (const [compression, magic] of magics) {
    if (head.subarray(0, magic.length).equals(magic)) return compression;
  }
  return 'none';
}

/**
 * The uncompressed bytes of a stream. Errors of the source and of the format arrive at the answered stream, and
 * destroying that destroys the source. Throws COMPRESSION_INVALID; COMPRESSION_UNSUPPORTED for xz and bzip2 where the
 * program of that name is not installed.
 */
export async function decompress(source: Readable): Promise<Readable> {
  const [head, whole, read] = await peek(source, 6);
  const compression = detectCompression(head);
  if (compression === 'none') return whole;
  if (compression === 'gzip') return inflated(whole, createGunzip({ chunkSize }), read, compression);
  if (compression === 'zstd') {
    const frames = bytesFrom(zstdFrames(whole), whole);
    return inflated(frames, createZstdDecompress({ chunkSize }), read, compression);
  }
  if (await hasProgram(compression)) return throughProgram(compression, whole, read);
  whole.destroy();
  throw new TsmachineError(
    'not-implemented',
    'COMPRESSION_UNSUPPORTED',
    `${compression} compression needs the program "${compression}" on this host`,
  );
}

const magics: readonly (readonly [Compression, Buffer])[] = [
  ['gzip', Buffer.from([0x1f, 0x8b, 0x08])],
  ['zstd', Buffer.from([0x28, 0xb5, 0x2f, 0xfd])],
  ['xz', Buffer.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00])],
  ['bzip2', Buffer.from([0x42, 0x5a, 0x68])],
];

/**
 * What is unpacked from a bomb: up to `free` bytes nobody asks; beyond that it may be `factor` times what was read.
 * Archives of programs and data shrink to a third, logs and sources to a tenth.
 */
const bombLimits = { free: 1024 ** 3, factor: 200 };

/** Larger than Node's default: each piece costs a turn in the thread pool. */
const chunkSize = 128 * 1024;

/** The first bytes (fewer when the stream is shorter), the whole stream, and how much of that has been read. */
async function peek(source: Readable, length: number): Promise<readonly [Buffer, Readable, () => number]> {
  const rest: AsyncIterator<Buffer> = source[Symbol.asyncIterator]();
  const pieces: Buffer[] = [];
  for (let size = 0; size < length; ) {
    const next = await rest.next();
    if (next.done) break;
    pieces.push(next.value);
    size += next.value.length;
  }
  let read = 0;
  const whole = async function* (): AsyncGenerator<Buffer> {
    for (const piece of pieces) {
      read += piece.length;
      yield piece;
    }
    for await (const piece of { [Symbol.asyncIterator]: () => rest }) {
      read += piece.length;
      yield piece;
    }
  };
  return [Buffer.concat(pieces), bytesFrom(whole(), source), () => read];
}

/** Closing the answered stream closes the source, also when nothing was read yet. */
function bytesFrom(pieces: AsyncGenerator<Buffer>, source: Readable): Readable {
  const output = Readable.from(pieces, { objectMode: false, highWaterMark: chunkSize });
  output.once('close', () => source.destroy());
  return output;
}

/** Ends a stream that grows as no honest one does. Throws COMPRESSION_INVALID. */
async function* guarded(
  pieces: AsyncIterable<Buffer>,
  read: () => number,
  name: Compression,
): AsyncGenerator<Buffer> {
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > Math.max(bombLimits.free, bombLimits.factor * read())) {
      const ratio = Math.floor(size / read());
      throw compressionInvalid(name, new Error(`it grows to more than ${ratio} times its size, as bombs do`));
    }
    yield piece;
  }
}

function inflated(source: Readable, transform: Duplex, read: () => number, name: Compression): Readable {
  let sourceError: unknown;
  source.once('error', (error) => {
    sourceError = error;
  });
  const pieces = async function* (): AsyncGenerator<Buffer> {
    pipeline(source, transform, () => {}); // an error of the source ends the transform, too
    try {
      yield* guarded(transform, read, name);
    } catch (error) {
      throw sourceError ?? (isTsmachineError(error) ? error : compressionInvalid(name, error));
    } finally {
      transform.destroy();
    }
  };
  return bytesFrom(pieces(), source);
}

async function hasProgram(name: string): Promise<boolean> {
  const directories = (process.env['PATH'] ?? '').split(':');
  const found = await Promise.all(directories.map((directory) => canRun(join(directory, name))));
  return found.includes(true);
}

function canRun(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

function throughProgram(name: 'xz' | 'bzip2', source: Readable, read: () => number): Readable {
  const argv = [name, '--decompress', '--stdout', '--quiet'];
  const child = start(argv, { stdio: ['pipe', 'pipe', 'ignore'] });
  const exit = exitOf(child, argv);
  exit.catch(() => {}); // awaited below, unless nobody reads to the end
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new TypeError(`${name} has no pipes`);
  let sourceError: unknown;
  pipeline(source, stdin, (error) => {
    if (error && systemErrorCode(error) !== 'EPIPE') sourceError = error;
    if (sourceError) child.kill('SIGKILL');
  });
  const pieces = async function* (): AsyncGenerator<Buffer> {
    try {
      yield* guarded(stdout, read, name);
      const code = await exit;
      if (sourceError) throw sourceError;
      if (code !== 0) throw compressionInvalid(name, `${name} exited with ${code}`);
    } finally {
      child.kill('SIGKILL');
    }
  };
  return bytesFrom(pieces(), source);
}

function compressionInvalid(name: Compression, cause: unknown): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'COMPRESSION_INVALID',
    `damaged ${name} data: ${errorMessage(cause)}`,
    { cause },
  );
}
