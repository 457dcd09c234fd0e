import { isJsonObject } from '../../shared/json.js';
import type { ArchiveFiles } from './archive-files.js';
import { type ArchivedImage, archivedImage, readJsonFile } from './archived-image.js';
import { imageArchiveInvalid } from './errors.js';
import { readOciLayout } from './oci-layout.js';
import { formatPlatform, isSamePlatform, type Platform } from './platform.js';
import { parseReference, type Reference } from './reference.js';

export interface ArchivePlatforms {
  /** Whose image is taken where an archive has one for each. */
  readonly own: Platform;
  /** No other is taken at all. */
  readonly wanted: Platform | undefined;
}

/**
 * Reads what `docker save` or an OCI tool wrote: manifest.json where there is one (docker writes it into its OCI
 * layouts, too), else index.json (OCI image-spec, image-layout.md). Throws IMAGE_ARCHIVE_INVALID.
 */
export async function readImageArchive(
  files: ArchiveFiles,
  { own, wanted }: ArchivePlatforms,
): Promise<ArchivedImage[]> {
  if (files.has('manifest.json')) return forPlatform(await readDockerArchive(files), wanted);
  if (files.has('index.json')) return forPlatform(await readOciLayout(files, wanted ?? own), wanted);
  if (files.has('repositories')) {
    throw imageArchiveInvalid('it was saved by a Docker older than 1.10, whose format is not supported');
  }
  throw imageArchiveInvalid('it has neither manifest.json nor index.json');
}

function forPlatform(images: ArchivedImage[], wanted: Platform | undefined): ArchivedImage[] {
  const found = wanted ? images.filter(({ config }) => isSamePlatform(config, wanted)) : images;
  if (wanted && found.length === 0)
    throw imageArchiveInvalid(`it has no image for ${formatPlatform(wanted)}`);
  return found;
}

async function readDockerArchive(files: ArchiveFiles): Promise<ArchivedImage[]> {
  const manifest = await readJsonFile(files, 'manifest.json');
  if (!Array.isArray(manifest)) throw imageArchiveInvalid('manifest.json is not a list');
  return Promise.all(manifest.map((item) => archivedImage(files, decodeItem(item))));
}

function decodeItem(item: unknown): { config: string; layers: string[]; tags: Reference[] } {
  const { Config: config, Layers: layers, RepoTags: tags } = isJsonObject(item) ? item : {};
  if (typeof config !== 'string' || !isStrings(layers) || !(tags == null || isStrings(tags))) {
    throw imageArchiveInvalid('manifest.json has an item that is not an image');
  }
  return { config, layers: [...layers], tags: (tags ?? []).map(parseTag) };
}

function parseTag(text: string): Reference {
  const reference = parseReference(text);
  if (!reference.tag || reference.digest) throw imageArchiveInvalid(`invalid tag ${JSON.stringify(text)}`);
  return reference;
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
