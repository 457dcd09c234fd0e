import { chmod, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Digest, digestOf } from '../../../shared/digest.js';
import type { DownloadedFile } from '../context/download.js';
import type { SourceItem } from './source-tree.js';

/** A file of COPY <<NAME; `directory` is the caller's to remove. */
export async function heredocItem(directory: string, name: string, content: string): Promise<SourceItem> {
  const at = join(directory, `heredoc-${Buffer.from(name).toString('hex').slice(0, 64)}`);
  await writeFile(at, content);
  await chmod(at, 0o644);
  return fileItem(name, at, 0o644, digestOf(content));
}

/** What was downloaded for ADD: nobody but its owner may read it. */
export function singleFileItem({ name, path, digest }: DownloadedFile): Promise<SourceItem> {
  return fileItem(name || '__unnamed__', path, 0o600, digest);
}

async function fileItem(path: string, at: string, mode: number, digest: Digest): Promise<SourceItem> {
  const { size, mtime } = await stat(at);
  return {
    path,
    isDirectory: false,
    entries: [
      {
        ...{
          name: '',
          type: 'file',
          mode,
          uid: 0,
          gid: 0,
          size,
          linkName: '',
          xattrs: undefined,
          at,
          digest,
        },
        ...{ major: 0, minor: 0 },
        mtime: BigInt(mtime.getTime()) * 1_000_000n,
      },
    ],
  };
}
