import { addAbortListener } from 'node:events';
import type { Readable } from 'node:stream';
import { setImmediate } from 'node:timers/promises';
import type { TarHandler } from './tar-handler.js';
import { TarParser } from './tar-parser.js';

export interface ReadTarOptions {
  readonly signal?: AbortSignal | undefined;
  /** Sees every byte, also what follows the end of the archive: for digests. */
  readonly onBytes?: (chunk: Buffer) => void;
  /** Asked after each piece: what to wait for before the next, where the handler cannot take more now. */
  readonly ready?: () => Promise<void> | undefined;
}

/** Other work gets a turn at least this often, in milliseconds. */
const longestTurn = 10;

/**
 * Reads a whole stream as a tar archive. The stream is destroyed when anything fails.
 * Throws TAR_INVALID, the stream's error, the handler's error or the signal's reason.
 */
export async function readTar(
  stream: Readable,
  handler: TarHandler,
  options: ReadTarOptions = {},
): Promise<void> {
  options.signal?.throwIfAborted();
  using _abort = options.signal && addAbortListener(options.signal, () => stream.destroy());
  const parser = new TarParser(handler);
  let turnBegan = performance.now();
  try {
    for await (const chunk of chunksOf(stream)) {
      options.onBytes?.(chunk);
      parser.write(chunk);
      const wait = options.ready?.();
      if (wait) await wait;
      if (performance.now() - turnBegan > longestTurn) {
        await setImmediate();
        turnBegan = performance.now();
      }
    }
  } catch (error) {
    options.signal?.throwIfAborted(); // the stream ended because of it
    throw error;
  }
  options.signal?.throwIfAborted();
  parser.close();
}

/** Large pieces are cut, so that one of them cannot hold thousands of entries. */
async function* chunksOf(stream: Readable): AsyncGenerator<Buffer> {
  for await (const piece of stream) {
    const bytes = Buffer.isBuffer(piece) ? piece : Buffer.from(piece);
    for (let at = 0; at < bytes.length; at += largestPiece) yield bytes.subarray(at, at + largestPiece);
  }
}

const largestPiece = 32 * 1024;
