import { open } from 'node:fs/promises';
import { systemErrorCode } from '../shared/errors.js';
import { contextChanged, contextUnreadable } from './errors.js';

const pieceLength = 256 * 1024;

/** So many bytes of a file. Throws BUILD_CONTEXT_UNREADABLE, and BUILD_CONTEXT_CHANGED when there are fewer. */
export async function* fileContent(path: string, size: number): AsyncGenerator<Buffer> {
  if (size === 0) return;
  await using file = await open(path).catch((error) => {
    throw systemErrorCode(error) === 'ENOENT' ? contextChanged(path) : contextUnreadable(path, error);
  });
  for (let left = size; left > 0; ) {
    const { bytesRead, buffer } = await file.read({
      buffer: Buffer.allocUnsafe(Math.min(left, pieceLength)),
    });
    if (bytesRead === 0) throw contextChanged(path);
    yield buffer.subarray(0, bytesRead);
    left -= bytesRead;
  }
}
