import { type Digest, digestHex } from '../../shared/digest.js';
import { isJsonObject } from '../../shared/json.js';
import type { ArchiveFiles } from './archive-files.js';
import { type ArchivedImage, archivedImage, isDigestText, readJsonFile } from './archived-image.js';
import { imageArchiveInvalid } from './errors.js';
import { formatPlatform, isSamePlatform, type Platform } from './platform.js';
import { parseReference, type Reference, withDefaultTag } from './reference.js';

interface Descriptor {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly platform: Platform | undefined;
  readonly annotations: Readonly<Record<string, unknown>>;
}

/** The images of an OCI layout's index that are for this host. */
export async function readOciLayout(files: ArchiveFiles, wanted: Platform): Promise<ArchivedImage[]> {
  const images: ArchivedImage[] = [];
  for (const descriptor of descriptorsOf(await readJsonFile(files, 'index.json'))) {
    images.push(...(await readDescriptor(files, descriptor, wanted, namesOf(descriptor))));
  }
  if (images.length === 0) throw imageArchiveInvalid(`it has no image for ${formatPlatform(wanted)}`);
  return images;
}

async function readDescriptor(
  files: ArchiveFiles,
  descriptor: Descriptor,
  wanted: Platform,
  tags: readonly Reference[],
): Promise<ArchivedImage[]> {
  const { platform } = descriptor;
  if (platform && !isSamePlatform(platform, wanted)) return [];
  const path = blobPath(descriptor.digest);
  const document = await readJsonFile(files, path);
  const digest = await files.file(path).digest();
  if (digest !== descriptor.digest) throw imageArchiveInvalid(`"${path}" has the digest ${digest}`);
  if (!isJsonObject(document)) throw imageArchiveInvalid(`"${path}" is not a manifest`);
  if (Array.isArray(document['manifests'])) {
    const inner = descriptorsOf(document).map((each) => readDescriptor(files, each, wanted, tags));
    return (await Promise.all(inner)).flat();
  }
  const config = decodeDescriptor(document['config']);
  const layers = Array.isArray(document['layers']) ? document['layers'].map(decodeDescriptor) : [];
  return [
    await archivedImage(files, {
      config: blobPath(config.digest),
      layers: layers.map((layer) => blobPath(layer.digest)),
      tags,
    }),
  ];
}

function descriptorsOf(index: unknown): Descriptor[] {
  const manifests = isJsonObject(index) ? index['manifests'] : undefined;
  if (!Array.isArray(manifests)) throw imageArchiveInvalid('an index has no list of manifests');
  return manifests.map(decodeDescriptor);
}

function decodeDescriptor(value: unknown): Descriptor {
  const { digest, mediaType, platform, annotations } = isJsonObject(value) ? value : {};
  if (!isDigestText(digest)) throw imageArchiveInvalid('a descriptor has no sha256 digest');
  const { os, architecture, variant } = isJsonObject(platform) ? platform : {};
  return {
    digest,
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    platform:
      typeof os === 'string' && typeof architecture === 'string'
        ? { os, architecture, ...(typeof variant === 'string' && { variant }) }
        : undefined,
    annotations: isJsonObject(annotations) ? annotations : {},
  };
}

/** containerd's annotation holds a whole name; the OCI one may be a mere tag, which names nothing here. */
function namesOf(descriptor: Descriptor): Reference[] {
  const full = descriptor.annotations['io.containerd.image.name'];
  const short = descriptor.annotations['org.opencontainers.image.ref.name'];
  const name = [full, short].find((text) => typeof text === 'string' && /[/:]/.test(text));
  return typeof name === 'string' ? [withDefaultTag(parseReference(name))] : [];
}

function blobPath(digest: Digest): string {
  return `blobs/sha256/${digestHex(digest)}`;
}
