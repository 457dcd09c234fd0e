import type { Digest } from '../../shared/digest.js';
import { chainIdsOf } from '../layer/chain-id.js';
import type { ContentStore } from './content-store.js';
import { diffIdsOf } from './decode-image-config.js';
import { type ImageIndex, type StoredImage, withoutTagOfDigest } from './image-index.js';
import { type Platform, requirePlatform } from './platform.js';
import { familiarName, formatReference, parseReference, type Reference } from './reference.js';
import type { SavedImage } from './save-archive.js';

/**
 * The images that `docker save` is asked for, each once, in that order: a name with a tag brings that tag, a name
 * without one all tags of the repository, an ID or a digest none. Throws IMAGE_NOT_FOUND, REFERENCE_INVALID, IMAGE_PLATFORM_MISMATCH.
 */
export async function savedImages(
  index: ImageIndex,
  content: ContentStore,
  { names, platform }: { readonly names: readonly string[]; readonly platform?: Platform | undefined },
): Promise<SavedImage[]> {
  const wanted = new Map<Digest, { image: StoredImage; tags: Map<string, Reference> }>();
  for (const name of names) {
    for (const { image, tag } of named(index, name)) {
      requirePlatform(name, image.config, platform);
      const known = wanted.get(image.id) ?? { image, tags: new Map<string, Reference>() };
      if (tag) known.tags.set(formatReference(tag), tag);
      wanted.set(image.id, known);
    }
  }
  return Promise.all(
    [...wanted.values()].map(async ({ image: { id, config }, tags }) => {
      const diffIds = diffIdsOf(config);
      const chainIds = chainIdsOf(diffIds);
      const layers = diffIds.flatMap((diffId, at) => {
        const chainId = chainIds[at];
        return chainId ? [{ chainId, diffId }] : [];
      });
      return { configBlob: await content.get(id), config, layers, tags: [...tags.values()] };
    }),
  );
}

function named(index: ImageIndex, name: string): { image: StoredImage; tag?: Reference }[] {
  const isId = /^(?:sha256:)?[a-f0-9]{64}$/.test(name);
  const reference = isId ? undefined : parseReference(name);
  if (reference && !reference.tag && !reference.digest) {
    const repository = familiarName(reference);
    const tags = [...index.references].flatMap(([each, id]) => {
      const tag = parseReference(each);
      const image = index.images.get(id);
      return image && tag.tag && familiarName(tag) === repository ? [{ image, tag }] : [];
    });
    if (tags.length > 0) return tags.sort((a, b) => ((a.tag.tag ?? '') < (b.tag.tag ?? '') ? -1 : 1));
  }
  const image = index.resolve(name);
  const isNamed = reference?.tag && index.references.has(formatReference(withoutTagOfDigest(reference)));
  return [isNamed && !reference.digest ? { image, tag: reference } : { image }];
}
