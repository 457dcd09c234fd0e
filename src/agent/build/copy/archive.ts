import { open } from 'node:fs/promises';
import { decompress } from '../../../shared/decompress.js';
import { readHeader } from '../../../shared/tar/tar-header.js';

/** Whether a file is a tar archive, compressed or not. What cannot be decompressed is none. */
export async function isArchive(path: string | Buffer): Promise<boolean> {
  await using file = await open(path);
  const stream = file.createReadStream({ autoClose: false, highWaterMark: 64 * 1024 });
  try {
    const head: Buffer[] = [];
    let length = 0;
    for await (const chunk of await decompress(stream)) {
      head.push(chunk);
      length += chunk.length;
      if (length >= 512) break;
    }
    const block = Buffer.concat(head);
    return block.length >= 512 && readHeader(block, 0) !== undefined;
  } catch {
    return false;
  } finally {
    stream.destroy();
  }
}
