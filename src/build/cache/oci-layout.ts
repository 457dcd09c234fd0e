import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { type FileHandle, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../shared/atomic-file.js';
import { type Digest, digestHex, isDigest } from '../../shared/digest.js';
import { systemErrorCode } from '../../shared/errors.js';
import { randomId } from '../../shared/identifiers.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { layoutInvalid } from '../errors.js';

/** What an index says of a manifest (OCI image-spec, descriptor.md). */
export type Descriptor = JsonObject & { readonly digest: Digest };

const refName = 'org.opencontainers.image.ref.name';
const layoutFile = JSON.stringify({ imageLayoutVersion: '1.0.0' });

/** A directory of blobs by their digests (OCI image-spec, image-layout.md), such as a build's cache. */
export class OciLayout {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Undefined when it is not there. */
  async size(digest: Digest): Promise<number | undefined> {
    const found = await stat(this.#blob(digest)).catch(unlessMissing);
    return found?.size;
  }

  read(digest: Digest, offset = 0): AsyncIterable<Buffer> {
    return createReadStream(this.#blob(digest), { start: offset, highWaterMark: pieceLength });
  }

  /** A blob that is there when it is committed, and else not at all. */
  async write(): Promise<BlobWriter> {
    const drafts = join(this.#directory, 'ingest');
    await mkdir(drafts, { recursive: true });
    await mkdir(join(this.#directory, 'blobs', 'sha256'), { recursive: true });
    const path = join(drafts, randomId());
    return new BlobWriter(path, await open(path, 'wx'), (digest) => this.#blob(digest));
  }

  /** The manifest of that name; undefined where there is none. Throws OCI_LAYOUT_INVALID. */
  async find(name: string): Promise<Descriptor | undefined> {
    const manifests = (await this.#manifests()).filter(isDescriptor);
    return manifests.find((each) => nameOf(each) === name);
  }

  /** Names a manifest; what had the name has it no more. */
  async name(manifest: Descriptor, name: string): Promise<void> {
    const others = (await this.#manifests()).filter((each) => nameOf(each) !== name);
    const annotations = { ...annotationsOf(manifest), [refName]: name };
    const manifests = [...others, { ...manifest, annotations }];
    const mediaType = 'application/vnd.oci.image.index.v1+json';
    await writeFileAtomically(join(this.#directory, 'oci-layout'), layoutFile);
    const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests });
    await writeFileAtomically(join(this.#directory, 'index.json'), index);
  }

  async #manifests(): Promise<readonly JsonObject[]> {
    const text = await readFile(join(this.#directory, 'index.json'), 'utf8').catch(unlessMissing);
    if (text === undefined) return [];
    const index = parsed(text);
    if (!isJsonObject(index)) throw layoutInvalid(this.#directory);
    return Array.isArray(index['manifests']) ? index['manifests'].filter(isJsonObject) : [];
  }

  #blob(digest: Digest): string {
    return join(this.#directory, 'blobs', 'sha256', digestHex(digest));
  }
}

const pieceLength = 1024 * 1024; // Go's servers take no message above 4 MiB

/** Disposal removes what was not committed. */
export class BlobWriter implements AsyncDisposable {
  readonly #path: string;
  readonly #file: FileHandle;
  readonly #place: (digest: Digest) => string;
  readonly #hash = createHash('sha256');
  #size = 0;

  constructor(path: string, file: FileHandle, place: (digest: Digest) => string) {
    this.#path = path;
    this.#file = file;
    this.#place = place;
  }

  get size(): number {
    return this.#size;
  }

  async append(data: Uint8Array): Promise<void> {
    this.#hash.update(data);
    for (let at = 0; at < data.length; )
      at += (await this.#file.write(data, at, data.length - at)).bytesWritten;
    this.#size += data.length;
  }

  /** Answers what it is; the caller says whether that was expected, before it is called. */
  digest(): Digest {
    return `sha256:${this.#hash.copy().digest('hex')}`;
  }

  async commit(): Promise<void> {
    await this.#file.sync();
    await rename(this.#path, this.#place(this.digest()));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close();
    await rm(this.#path, { force: true });
  }
}

function isDescriptor(value: JsonObject): value is Descriptor {
  return typeof value['digest'] === 'string' && isDigest(value['digest']);
}

function nameOf(manifest: JsonObject): unknown {
  return annotationsOf(manifest)[refName];
}

function annotationsOf({ annotations }: JsonObject): JsonObject {
  return isJsonObject(annotations) ? annotations : {};
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function unlessMissing(error: unknown): undefined {
  if (systemErrorCode(error) !== 'ENOENT') throw error;
}
