import { posix } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { isTsmachineError } from '../../shared/errors.js';
import { tarEntries } from '../../shared/tar/tar-entries.js';
import { tarEnd, tarFile, tarHeader, tarPadding } from '../../shared/tar/tar-writer.js';
import { parseMeta, type TlsMaterial, type WholeContext } from './context-store.js';
import { contextArchiveInvalid } from './errors.js';

/** Docker's limit. */
export const largestContextArchive = 10 * 2 ** 20;

/** As `docker context export` writes it, and ended as tar says. */
export function contextArchive({ name, metadata, endpoints, tls }: WholeContext): Buffer {
  const meta = JSON.stringify({ Name: name, Metadata: metadata, Endpoints: endpoints });
  const kinds = Object.entries(tls).flatMap(([kind, files]) => [
    tarHeader({ type: 'directory', name: `tls/${kind}`, mode: 0o700 }),
    ...Object.entries(files).map(([file, content]) =>
      tarFile({ type: 'file', name: `tls/${kind}/${file}`, mode: 0o600 }, Buffer.from(content)),
    ),
  ]);
  return Buffer.concat([
    tarFile({ type: 'file', name: 'meta.json' }, Buffer.from(meta)),
    tarHeader({ type: 'directory', name: 'tls', mode: 0o700 }),
    ...kinds,
    tarEnd,
  ]);
}

/** What docker or we have exported, under another name. Throws CONTEXT_ARCHIVE_INVALID. */
export async function readContextArchive(archive: Buffer, name: string): Promise<WholeContext> {
  const files = await filesIn(archive);
  const meta = files.get('meta.json');
  if (meta === undefined) throw contextArchiveInvalid('no metadata found');
  const tls: Record<string, Record<string, string>> = {};
  for (const [path, content] of files) {
    const [, kind, file] = /^tls\/([^/]+)\/([^/]+)$/.exec(path) ?? [];
    if (kind !== undefined && file !== undefined) tls[kind] = { ...tls[kind], [file]: content };
    else if (path !== 'meta.json') throw contextArchiveInvalid(`${path}: unexpected context file`);
  }
  return { ...contextOf(meta), name, tls: tls satisfies TlsMaterial };
}

function contextOf(meta: string) {
  try {
    const context = parseMeta(meta);
    if (context) return context;
  } catch {
    // said below
  }
  throw contextArchiveInvalid('its meta.json is that of no context');
}

/** Regular files, by path. Docker does not write the end of its archives, nor fill the last block. */
async function filesIn(archive: Buffer): Promise<ReadonlyMap<string, string>> {
  const files = new Map<string, string>();
  const whole = Readable.from([archive, tarPadding(archive.length), tarEnd]);
  try {
    for await (const { entry, content } of tarEntries(whole)) {
      const path = posix.normalize(entry.name);
      if (entry.type === 'directory') continue;
      if (entry.type !== 'file' || path.split('/').includes('..') || posix.isAbsolute(path)) {
        throw contextArchiveInvalid(`${path}: unexpected context file`);
      }
      files.set(path, (await buffer(content)).toString());
    }
  } catch (error) {
    if (isTsmachineError(error) && error.code === 'TAR_INVALID') {
      throw contextArchiveInvalid('it is no tar archive');
    }
    throw error;
  }
  return files;
}
