import { buffer } from 'node:stream/consumers';
import { errorMessage } from '../shared/errors.js';
import { blockSize, checksum } from '../shared/tar/tar-header.js';
import { type BuildContext, dockerfileContext } from './context.js';
import { downloadFailed } from './errors.js';

/** Without a byte for this long a download is given up. */
const idleMs = 60_000;

/** An archive as it comes, or, of anything else, a context of this Dockerfile alone. */
export async function streamContext(
  source: AsyncIterable<Buffer>,
  dockerfile: string | undefined,
): Promise<BuildContext> {
  const found = await readStream(source);
  if (found.archive) return { tar: found.archive, dockerfile, isCompressed: found.isCompressed };
  return dockerfileContext(found.text);
}

export type ReadStream =
  | { readonly archive: AsyncGenerator<Buffer>; readonly isCompressed: boolean }
  | { readonly archive?: undefined; readonly text: Buffer };

/** A tar, whose start tells it, or the text of a Dockerfile. */
export async function readStream(source: AsyncIterable<Buffer>): Promise<ReadStream> {
  const { start, whole } = await peek(source);
  const isCompressed = magics.some((magic) => start.subarray(0, magic.length).equals(magic));
  if (isCompressed || isTar(start)) return { archive: whole, isCompressed };
  return { text: await buffer(whole) };
}

/** What a URL leads to, as a stream. Throws BUILD_CONTEXT_DOWNLOAD_FAILED, also while it is read. */
export async function download(url: string, signal: AbortSignal): Promise<AsyncGenerator<Buffer>> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error(`nothing came for ${idleMs / 1000}s`)), idleMs);
  const fail = (error: unknown): never => {
    clearTimeout(timer);
    signal.throwIfAborted();
    throw downloadFailed(url, errorMessage(idle.signal.aborted ? idle.signal.reason : error), error);
  };
  const response = await fetch(url, { signal: AbortSignal.any([signal, idle.signal]) }).catch(fail);
  if (!response.ok) fail(new Error(`${response.status} ${response.statusText}`));
  const body = response.body ?? new ReadableStream<Uint8Array>();
  async function* watched(): AsyncGenerator<Buffer> {
    try {
      for await (const chunk of body) {
        timer.refresh();
        yield Buffer.from(chunk);
      }
    } catch (error) {
      fail(error);
    } finally {
      clearTimeout(timer);
    }
  }
  return watched();
}

const magics = [
  [0x1f, 0x8b], // gzip
  [0x42, 0x5a, 0x68], // bzip2
  [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00], // xz
  [0x28, 0xb5, 0x2f, 0xfd], // zstd
].map((bytes) => Buffer.from(bytes));

/** The first header's sum tells a tar, of any age. */
function isTar(start: Buffer): boolean {
  if (start.length < blockSize) return false;
  const written = Number.parseInt(start.toString('latin1', 148, 156).replace(/\0.*/, '').trim(), 8);
  const { unsigned, signed } = checksum(start, 0);
  return written === unsigned || written === signed;
}

interface Peeked {
  /** The first block at least, or all when there is less. */
  readonly start: Buffer;
  /** With the start. */
  readonly whole: AsyncGenerator<Buffer>;
}

async function peek(source: AsyncIterable<Buffer>): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Buffer[] = [];
  for (let length = 0; length < blockSize; ) {
    const next = await iterator.next();
    if (next.done) break;
    chunks.push(next.value);
    length += next.value.length;
  }
  const start = Buffer.concat(chunks);
  async function* whole(): AsyncGenerator<Buffer> {
    yield start;
    yield* { [Symbol.asyncIterator]: () => iterator };
  }
  return { start, whole: whole() };
}
