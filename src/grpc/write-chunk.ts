import type { Writable } from 'node:stream';

export type { Writable };

/** Resolves when the stream can take more; rejects with the signal's reason. */
export async function writeChunk(stream: Writable, chunk: Buffer, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  if (stream.write(chunk)) return;
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const leave = (): void => reject(signal.reason);
  stream.once('drain', resolve);
  signal.addEventListener('abort', leave, { once: true });
  try {
    await promise;
  } finally {
    stream.off('drain', resolve);
    signal.removeEventListener('abort', leave);
  }
}
