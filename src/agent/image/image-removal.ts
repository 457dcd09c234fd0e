import { type Digest, digestHex } from '../../shared/digest.js';
import { shortId } from '../../shared/identifiers.js';
import { imageConflict } from './errors.js';
import type { ImageIndex, StoredImage } from './image-index.js';
import type { RemoveImageOptions } from './image-store.js';
import { formatReference, parseReference, type Reference, withDefaultTag } from './reference.js';

/** What a removal does, decided before anything is changed. */
export interface RemovalPlan {
  readonly untag: readonly Reference[];
  /** Images to delete, the one asked for first, then parents that nobody needs any more. */
  readonly remove: readonly StoredImage[];
}

/**
 * Docker's rules (moby, daemon/images/image_delete.go): a name goes first, and the image with its last name; an ID
 * takes all names if they are of one repository. Hard conflicts (a running container, a child image) cannot be
 * forced. Throws IMAGE_CONFLICT in Docker's words.
 */
export function planRemoval(index: ImageIndex, name: string, options: RemoveImageOptions): RemovalPlan {
  const image = index.resolve(name);
  const names = index.namesOf(image.id);
  if (isIdPrefix(image.id, name)) {
    if (!options.force && names.length > 0 && !isSingleReference(names)) {
      checkConflict(index, image, { ...options, force: true });
      throw conflict(image.id, 'must be forced', 'image is referenced in multiple repositories');
    }
    checkConflict(index, image, options);
    return { untag: names, remove: withParents(index, image, options) };
  }
  return planUntagging(index, image, names, name, options);
}

function planUntagging(
  index: ImageIndex,
  image: StoredImage,
  names: readonly Reference[],
  given: string,
  options: RemoveImageOptions,
): RemovalPlan {
  const user = options.inUse(image.id);
  if (!options.force && user && isSingleReference(names)) {
    throw imageConflict(
      `conflict: unable to remove repository reference ${JSON.stringify(given)} (must force) - container ` +
        `${shortId(user.containerId)} is using its referenced image ${shortDigest(image.id)}`,
    );
  }
  const untag = namesThatGo(names, withDefaultTag(parseReference(given)));
  if (untag.length < names.length) return { untag, remove: [] };
  // with its last name the image goes, unless something needs it: then it quietly stays
  const stays = (user && (user.running || !options.force)) || index.childrenOf(image.id).length > 0;
  return { untag, remove: stays ? [] : withParents(index, image, options) };
}

/** With the last tag of a repository its digests go. */
function namesThatGo(names: readonly Reference[], given: Reference): readonly Reference[] {
  const isGiven = (name: Reference) =>
    given.digest
      ? name.digest === given.digest && sameRepository(name, given)
      : formatReference(name) === formatReference(given);
  const gone = names.filter(isGiven);
  if (given.digest) return gone;
  const otherTag = names.some((name) => !isGiven(name) && !name.digest && sameRepository(name, given));
  return otherTag ? gone : [...gone, ...names.filter((name) => name.digest && sameRepository(name, given))];
}

function sameRepository(a: Reference, b: Reference): boolean {
  return a.domain === b.domain && a.path === b.path;
}

function checkConflict(index: ImageIndex, image: StoredImage, options: RemoveImageOptions): void {
  const user = options.inUse(image.id);
  if (index.childrenOf(image.id).length > 0) {
    throw conflict(image.id, 'cannot be forced', 'image has dependent child images');
  }
  if (user?.running) {
    throw conflict(
      image.id,
      'cannot be forced',
      `image is being used by running container ${shortId(user.containerId)}`,
    );
  }
  if (user && !options.force) {
    throw conflict(
      image.id,
      'must be forced',
      `image is being used by stopped container ${shortId(user.containerId)}`,
    );
  }
}

/** Parents without names, children or containers go, too, unless the caller wants them kept. */
function withParents(index: ImageIndex, image: StoredImage, options: RemoveImageOptions): StoredImage[] {
  const gone = [image];
  while (!options.noPrune) {
    const below = gone.at(-1)?.parent;
    const parent = below && index.images.get(below);
    if (!parent || index.namesOf(parent.id).length > 0 || options.inUse(parent.id)) break;
    if (index.childrenOf(parent.id).some((child) => !gone.includes(child))) break;
    gone.push(parent);
  }
  return gone;
}

function conflict(id: Digest, how: string, reason: string): Error {
  return imageConflict(`conflict: unable to delete ${shortDigest(id)} (${how}) - ${reason}`);
}

function shortDigest(id: Digest): string {
  return shortId(digestHex(id));
}

function isIdPrefix(id: Digest, text: string): boolean {
  return id.startsWith(text) || digestHex(id).startsWith(text);
}

/** At most one tag, and everything in one repository. */
function isSingleReference(names: readonly Reference[]): boolean {
  const [first] = names;
  if (!first) return false;
  const tags = names.filter((name) => !name.digest);
  return tags.length <= 1 && names.every((name) => sameRepository(name, first));
}
