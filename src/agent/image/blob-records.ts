import { type Digest, digestHex, isDigest } from '../../shared/digest.js';
import { errorMessage } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import type { Logger } from '../../shared/logger.js';
import { JsonStore } from '../state/json-store.js';

/** A compressed blob of a layer, and a repository that has it. */
export interface KnownBlob {
  readonly digest: Digest;
  readonly size: number;
  /** "127.0.0.1:5000". */
  readonly host: string;
  readonly path: string;
}

/**
 * Which blobs a layer is known as in registries, by its diff ID, newest first: a push asks for them before it
 * compresses and sends anything. They are hints only: the registry is asked each time.
 */
export class BlobRecords {
  readonly #store: JsonStore<readonly KnownBlob[]>;
  readonly #logger: Logger;

  constructor(directory: string, logger: Logger) {
    this.#store = new JsonStore({ directory, decode, logger });
    this.#logger = logger;
  }

  /** A damaged record counts as none. */
  async of(diffId: Digest): Promise<readonly KnownBlob[]> {
    return (await this.#store.get(digestHex(diffId)).catch(() => undefined)) ?? [];
  }

  /** What cannot be written, because the disk is full, say, is not remembered. */
  async add(diffId: Digest, blob: KnownBlob): Promise<void> {
    const others = (await this.of(diffId)).filter(
      ({ digest, host, path }) => digest !== blob.digest || host !== blob.host || path !== blob.path,
    );
    await this.#store.put(digestHex(diffId), [blob, ...others].slice(0, mostRecords)).catch((error) => {
      this.#logger.warn('a blob of a registry is not remembered', { diffId, error: errorMessage(error) });
    });
  }

  /** Forgets layers that are not there any more. */
  async keepOnly(diffIds: ReadonlySet<Digest>): Promise<void> {
    for (const hex of (await this.#store.list()).keys()) {
      if (!diffIds.has(`sha256:${hex}`)) await this.#store.delete(hex);
    }
  }
}

const mostRecords = 16;

function decode(value: unknown): readonly KnownBlob[] {
  if (!Array.isArray(value)) throw new TypeError('a list of blobs is expected');
  return value.flatMap((each) => {
    const { digest, size, host, path } = isJsonObject(each) ? each : {};
    const isBlob = typeof digest === 'string' && isDigest(digest) && typeof size === 'number';
    return isBlob && typeof host === 'string' && typeof path === 'string'
      ? [{ digest, size, host, path }]
      : [];
  });
}
