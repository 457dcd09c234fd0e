import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { blobDigestMismatch, registryBroken, registryUnavailable } from './errors.js';
import { bodyPieces } from './http-exchange.js';
import type { Descriptor } from './manifest.js';
import type { RegistryClient } from './registry-client.js';
import { isWorthRetrying, type RetryOptions, waitBeforeRetry } from './retry.js';

export interface BlobStreamOptions extends RetryOptions {
  /** Bytes so far, told with every piece. */
  readonly onProgress: (bytes: number) => void;
  /** All bytes are there and their digest is right. */
  readonly onComplete: () => void;
}

/**
 * A blob as one stream, however often the connection breaks: it goes on where it broke, with a Range request. The
 * last piece is passed on only when the digest of the whole is right, so whoever read to the end read the truth.
 */
export function blobStream(client: RegistryClient, blob: Descriptor, options: BlobStreamOptions): Readable {
  return Readable.from(verifiedPieces(client, blob, options), {
    objectMode: false,
    highWaterMark: 256 * 1024,
  });
}

async function* verifiedPieces(
  client: RegistryClient,
  blob: Descriptor,
  options: BlobStreamOptions,
): AsyncGenerator<Buffer> {
  const hash = createHash('sha256');
  let offset = 0;
  let last: Buffer | undefined;
  for await (const piece of allPieces(client, blob, options)) {
    hash.update(piece);
    offset += piece.length;
    options.onProgress(offset);
    if (last) yield last;
    last = piece;
  }
  if (`sha256:${hash.digest('hex')}` !== blob.digest) throw blobDigestMismatch(blob.digest);
  options.onComplete();
  if (last) yield last;
}

async function* allPieces(
  client: RegistryClient,
  blob: Descriptor,
  options: BlobStreamOptions,
): AsyncGenerator<Buffer> {
  let offset = 0;
  for (let failures = 0; ; ) {
    const before = offset;
    try {
      for await (const piece of piecesFrom(client, blob, offset)) {
        offset += piece.length;
        yield piece;
      }
      if (offset === blob.size) return;
      throw registryUnavailable('unexpected EOF');
    } catch (error) {
      failures = offset - before > enoughProgress ? 1 : failures + 1;
      options.signal.throwIfAborted();
      if (failures >= options.tries || !isWorthRetrying(error)) throw error;
      await waitBeforeRetry(failures, options, error);
    }
  }
}

/** A download that gets so far between two breaks may go on for ever. */
const enoughProgress = 1 << 20;

async function* piecesFrom(client: RegistryClient, blob: Descriptor, offset: number): AsyncGenerator<Buffer> {
  const { response, from } = await client.openBlob(blob.digest, offset);
  let at = from;
  for await (const piece of bodyPieces(response, client.stallMs)) {
    const fresh = piece.subarray(Math.max(0, offset - at)); // a server without ranges sends all again
    at += piece.length;
    if (at > blob.size) throw registryBroken(`blob ${blob.digest} is larger than its manifest says`);
    if (fresh.length > 0) yield fresh;
  }
}
