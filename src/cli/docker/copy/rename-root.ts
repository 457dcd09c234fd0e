import type { Readable } from 'node:stream';
import { type TarEntry, toByteString } from '../../../shared/tar/tar-entry.js';
import { TarParser } from '../../../shared/tar/tar-parser.js';
import { tarEnd, tarHeader, tarPadding } from '../../../shared/tar/tar-writer.js';

/** The same archive with another name for the root of all its entries; "." leaves their paths below it. */
export async function* renameRoot(tar: Readable, name: string): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let left = 0;
  const parser = new TarParser({
    begin(entry) {
      left = entry.size;
      chunks.push(tarHeader(renamed(entry, toByteString(name))));
    },
    data: (chunk) => chunks.push(Buffer.from(chunk)),
    end() {
      chunks.push(tarPadding(left));
    },
  });
  for await (const chunk of tar) {
    parser.write(chunk);
    yield* chunks;
    chunks = [];
  }
  parser.close();
  yield* chunks;
  yield tarEnd;
}

function renamed(entry: TarEntry, root: string): TarEntry {
  const linkName = entry.type === 'hard-link' ? underRoot(entry.linkName, root) : entry.linkName;
  return { ...entry, name: underRoot(entry.name, root), linkName };
}

function underRoot(name: string, root: string): string {
  const slash = name.replace(/^\.\//, '').indexOf('/');
  const bare = name.replace(/^\.\//, '');
  return slash < 0 ? root : `${root}${bare.slice(slash)}`;
}
