import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { LayerEntry } from '../../api/image-layers.js';
import { decompress } from '../../shared/decompress.js';
import { errorMessage, isTsmachineError } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import { tarEntries } from '../../shared/tar/tar-entries.js';
import type { TarEntry } from '../../shared/tar/tar-entry.js';
import { imageArchiveUnreadable } from './errors.js';
import { decodeConfig } from './image-config.js';
import type { ImageContent, LayerContent } from './image-content.js';

/**
 * Reads an archive of `docker save` in one pass, without keeping any file of it: only the names, and each layer's
 * digest, which must be what the image says. Throws IMAGE_ARCHIVE_UNREADABLE.
 */
export async function archiveContent(archive: Readable): Promise<readonly ImageContent[]> {
  const found = await readMembers(archive).catch((error) => {
    const isBroken = isTsmachineError(error) && /^(TAR|COMPRESSION)_INVALID$/.test(error.code);
    throw isBroken ? imageArchiveUnreadable(errorMessage(error), error) : error;
  });
  const manifest = found.documents.get('manifest.json');
  if (!manifest) throw imageArchiveUnreadable('it has no manifest.json');
  const items: unknown = JSON.parse(manifest.toString());
  if (!Array.isArray(items)) throw imageArchiveUnreadable('manifest.json is not a list');
  return items.map((item) => imageOf(item, found));
}

type ReadLayer = Pick<LayerContent, 'diffId' | 'entries'>;

interface Found {
  readonly documents: Map<string, Buffer>;
  readonly layers: Map<string, ReadLayer>;
  readonly links: Map<string, string>;
}

async function readMembers(archive: Readable): Promise<Found> {
  const found: Found = { documents: new Map(), layers: new Map(), links: new Map() };
  for await (const { entry, content } of tarEntries(await decompress(archive))) {
    const name = entry.name.replace(/^\.\//, '');
    if (entry.type === 'symlink') found.links.set(name, linkTarget(name, entry.linkName));
    if (entry.type !== 'file') continue;
    const [head, whole] = await peek(content);
    if (isDocument(head)) found.documents.set(name, await collect(name, whole));
    else if (/\.tar$|^blobs\//.test(name)) found.layers.set(name, await readLayer(whole));
  }
  return found;
}

async function readLayer(pieces: AsyncIterable<Buffer>): Promise<ReadLayer> {
  const tar = await decompress(Readable.from(pieces, { objectMode: false }));
  const hash = createHash('sha256');
  const entries: LayerEntry[] = [];
  for await (const { entry } of tarEntries(tar, (bytes) => hash.update(bytes)))
    entries.push(layerEntry(entry));
  return { diffId: `sha256:${hash.digest('hex')}`, entries };
}

function layerEntry({ name, type, mode, uid, gid, size, linkName }: TarEntry): LayerEntry {
  return { path: name, type, mode, uid, gid, size, ...(linkName !== '' && { link: linkName }) };
}

function imageOf(item: unknown, found: Found): ImageContent {
  const { Config: config, Layers: layers, RepoTags: tags } = isJsonObject(item) ? item : {};
  const document = found.documents.get(String(config));
  if (!document || !Array.isArray(layers))
    throw imageArchiveUnreadable('manifest.json has an item that is not an image');
  const { id, layers: heads } = decodeConfig(document);
  const name = Array.isArray(tags) && typeof tags[0] === 'string' ? tags[0] : id;
  const contents = layers.map((each, index) => {
    const path = String(each);
    const layer = found.layers.get(path) ?? found.layers.get(found.links.get(path) ?? '');
    if (!layer) throw imageArchiveUnreadable(`"${path}" is missing`);
    const head = heads[index];
    if (layer.diffId !== head?.diffId)
      throw imageArchiveUnreadable(`"${path}" is not the layer that the image names`);
    return { ...head, entries: layer.entries };
  });
  return { name, id, layers: contents };
}

/** A JSON text rather than an archive, which has a name or a magic number at its beginning. */
function isDocument(head: Buffer): boolean {
  return /^\s*[[{]/.test(head.toString('latin1', 0, 64)) && !head.subarray(0, 512).includes(0);
}

/** The first block (less when there is less), and everything. */
async function peek(
  content: AsyncIterableIterator<Buffer>,
): Promise<readonly [Buffer, AsyncIterable<Buffer>]> {
  const pieces: Buffer[] = [];
  for (let size = 0; size < 512; ) {
    const next = await content.next();
    if (next.done) break;
    pieces.push(next.value);
    size += next.value.length;
  }
  const whole = async function* (): AsyncGenerator<Buffer> {
    yield* pieces;
    yield* content;
  };
  return [Buffer.concat(pieces), whole()];
}

async function collect(name: string, pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const piece of pieces) {
    size += piece.length;
    if (size > largestDocument) throw imageArchiveUnreadable(`"${name}" is too large`);
    parts.push(piece);
  }
  return Buffer.concat(parts);
}

const largestDocument = 16 * 1024 * 1024;

/** Of old `docker save`, for layers that are the same: "../HEX/layer.tar". */
function linkTarget(name: string, target: string): string {
  const parts = name.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}
