import type { Digest } from '../../shared/digest.js';
import { imageAmbiguous, imageNotFound } from './errors.js';
import type { Image } from './image-store.js';
import {
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from './reference.js';

/** An image without its names. */
export interface StoredImage extends Omit<Image, 'repoTags' | 'repoDigests'> {
  readonly chainIds: readonly Digest[];
  readonly parent: Digest | undefined;
}

/** Images and their names in memory; the disk is the business of others. */
export class ImageIndex {
  readonly images = new Map<Digest, StoredImage>();
  #references: ReadonlyMap<string, Digest> = new Map();
  #namesById: ReadonlyMap<Digest, readonly Reference[]> | undefined;

  /** By whole reference. */
  get references(): ReadonlyMap<string, Digest> {
    return this.#references;
  }

  set references(references: ReadonlyMap<string, Digest>) {
    this.#references = references;
    this.#namesById = undefined;
  }

  /** Docker's rules (daemon/images/image.go): ID, then name, then prefix of an ID. */
  resolve(name: string): StoredImage {
    const id = /^(?:sha256:)?([a-f0-9]{64})$/.exec(name)?.[1];
    if (id) return this.#require(this.images.get(`sha256:${id}`), `sha256:${id}`);
    const reference = withDefaultTag(parseReference(name));
    const named = this.references.get(formatReference(withoutTagOfDigest(reference)));
    const found = (named && this.images.get(named)) ?? this.#byPrefix(name);
    return this.#require(found, familiarReference(reference));
  }

  withNames(image: StoredImage): Image {
    const names = this.namesOf(image.id);
    const { chainIds: _chainIds, ...rest } = image;
    return {
      ...rest,
      repoTags: names.filter((name) => !name.digest).map(familiarReference),
      repoDigests: names.filter((name) => name.digest).map(familiarReference),
    };
  }

  /** In the order of the alphabet. */
  namesOf(id: Digest): readonly Reference[] {
    this.#namesById ??= namesById(this.#references);
    return this.#namesById.get(id) ?? [];
  }

  childrenOf(id: Digest): readonly StoredImage[] {
    return [...this.images.values()].filter((image) => image.parent === id);
  }

  #byPrefix(name: string): StoredImage | undefined {
    const prefix = /^(?:sha256:)?([a-f0-9]+)$/.exec(name)?.[1];
    if (!prefix) return undefined;
    const found = [...this.images.values()].filter((image) => image.id.startsWith(`sha256:${prefix}`));
    if (found.length > 1) throw imageAmbiguous(prefix);
    return found[0];
  }

  #require(image: StoredImage | undefined, name: string): StoredImage {
    if (!image) throw imageNotFound(name);
    return image;
  }
}

/** "x:1@sha256:…" means the digest. */
export function withoutTagOfDigest(reference: Reference): Reference {
  const { tag: _tag, ...rest } = reference;
  return reference.digest ? rest : reference;
}

function namesById(references: ReadonlyMap<string, Digest>): ReadonlyMap<Digest, readonly Reference[]> {
  const names = new Map<Digest, Reference[]>();
  for (const [name, id] of [...references].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const known = names.get(id);
    if (known) known.push(parseReference(name));
    else names.set(id, [parseReference(name)]);
  }
  return names;
}
