import { join } from 'node:path';
import { readJson, removeDrafts, writeJsonAtomically } from '../../shared/atomic-file.js';
import { type Digest, digestHex, isDigest } from '../../shared/digest.js';
import { errorMessage } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import type { Logger } from '../../shared/logger.js';
import { JsonStore } from '../state/json-store.js';

export interface ImageRecord {
  readonly id: Digest;
  /** Image that this one was built upon on this host. */
  readonly parent?: Digest;
  /** When it was given a name last, on this host. */
  readonly taggedAt?: string;
}

/** Image IDs by whole reference ("docker.io/library/busybox:latest", "…@sha256:…"). */
export type ReferenceTable = ReadonlyMap<string, Digest>;

/**
 * What the image store knows: ROOT/images/HEX.json, one per image, and ROOT/references.json, all names in one
 * file, so that a name moves from one image to another in one step.
 */
export class ImageRecords {
  readonly #images: JsonStore<ImageRecord>;
  readonly #references: string;
  readonly #logger: Logger;

  constructor(root: string, logger: Logger) {
    this.#images = new JsonStore({ directory: join(root, 'images'), decode: decodeRecord, logger });
    this.#references = join(root, 'references.json');
    this.#logger = logger;
  }

  async images(): Promise<readonly ImageRecord[]> {
    return [...(await this.#images.list()).values()];
  }

  async put(record: ImageRecord): Promise<void> {
    await this.#images.put(digestHex(record.id), record);
  }

  async delete(id: Digest): Promise<void> {
    await this.#images.delete(digestHex(id));
  }

  /** A damaged table is reported and taken for empty: the images are still there by ID. */
  async references(): Promise<ReferenceTable> {
    try {
      const value = await readJson(this.#references);
      const entries = isJsonObject(value) ? Object.entries(value) : [];
      return new Map(
        entries.flatMap(([name, id]) =>
          typeof id === 'string' && isDigest(id) ? [[name, id] as const] : [],
        ),
      );
    } catch (error) {
      this.#logger.error('damaged table of image names is ignored', {
        file: this.#references,
        reason: errorMessage(error),
      });
      return new Map();
    }
  }

  /** At start. */
  async recover(): Promise<void> {
    await removeDrafts(this.#references);
  }

  async putReferences(table: ReferenceTable): Promise<void> {
    await writeJsonAtomically(this.#references, Object.fromEntries(table));
  }
}

function decodeRecord(value: unknown): ImageRecord {
  if (!isJsonObject(value)) throw new TypeError('an image record is an object');
  const { id, parent, taggedAt } = value;
  if (typeof id !== 'string' || !isDigest(id)) throw new TypeError('an image record has an id');
  return {
    id,
    ...(typeof parent === 'string' && isDigest(parent) && { parent }),
    ...(typeof taggedAt === 'string' && { taggedAt }),
  };
}
