import { errorMessage } from '../../shared/errors.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { decodeConfig } from '../layers/image-config.js';
import { imageFilesInvalid } from './errors.js';
import type { ImageFiles } from './image-files.js';

/** An image in an archive or layout. */
export interface FiledImage {
  readonly id: string;
  readonly config: Buffer;
  /** As it is called there: "app:1", or a mere tag. */
  readonly names: readonly string[];
  /** Lowest first. */
  readonly layers: readonly FiledLayer[];
}

export interface FiledLayer {
  readonly diffId: string;
  readonly file: string;
}

/**
 * The images of an archive of `docker save`, or of an OCI layout those for this architecture. Throws
 * IMAGE_FILES_INVALID.
 */
export async function filedImages(files: ImageFiles, architecture: string): Promise<readonly FiledImage[]> {
  if (files.has('manifest.json')) return await dockerImages(files);
  if (!files.has('index.json')) throw imageFilesInvalid('it has neither manifest.json nor index.json');
  const images = await indexedImages(files, await readObject(files, 'index.json'), architecture, []);
  if (images.length === 0) throw imageFilesInvalid(`it has no image for linux/${architecture}`);
  return images;
}

async function dockerImages(files: ImageFiles): Promise<readonly FiledImage[]> {
  const manifest = await readJson(files, 'manifest.json');
  if (!Array.isArray(manifest)) throw imageFilesInvalid('manifest.json is not a list');
  return await Promise.all(
    manifest.map((item) => {
      const { Config: config, Layers: layers, RepoTags: tags } = isJsonObject(item) ? item : {};
      return imageOf(files, String(config), texts(layers), texts(tags));
    }),
  );
}

async function indexedImages(
  files: ImageFiles,
  index: JsonObject,
  architecture: string,
  names: readonly string[],
): Promise<readonly FiledImage[]> {
  const descriptors = objects(index['manifests']).filter((each) => isFor(each['platform'], architecture));
  const images = descriptors.map(async (descriptor) => {
    const document = await readObject(files, blobName(descriptor));
    const own = [...names, ...namesOf(descriptor)];
    if (Array.isArray(document['manifests'])) return indexedImages(files, document, architecture, own);
    const layers = objects(document['layers']).map(blobName);
    return [await imageOf(files, blobName(document['config']), layers, own)];
  });
  return (await Promise.all(images)).flat();
}

async function imageOf(
  files: ImageFiles,
  configName: string,
  layerNames: readonly string[],
  names: readonly string[],
): Promise<FiledImage> {
  const config = await files.read(configName);
  const { id, layers } = decodeConfig(config);
  if (layers.length !== layerNames.length) {
    throw imageFilesInvalid(`"${configName}" has another number of layers than its manifest`);
  }
  return {
    ...{ id, config, names },
    layers: layers.map(({ diffId }, index) => ({ diffId, file: layerNames[index] ?? '' })),
  };
}

function isFor(platform: unknown, architecture: string): boolean {
  if (!isJsonObject(platform)) return true;
  return platform['os'] === 'linux' && platform['architecture'] === architecture;
}

function namesOf({ annotations }: JsonObject): readonly string[] {
  const found = isJsonObject(annotations) ? annotations : {};
  const name = found['io.containerd.image.name'] ?? found['org.opencontainers.image.ref.name'];
  return typeof name === 'string' ? [name] : [];
}

function blobName(descriptor: unknown): string {
  const digest = isJsonObject(descriptor) ? descriptor['digest'] : undefined;
  if (typeof digest !== 'string') throw imageFilesInvalid('a descriptor has no digest');
  return `blobs/${digest.replace(':', '/')}`;
}

async function readObject(files: ImageFiles, name: string): Promise<JsonObject> {
  const value = await readJson(files, name);
  if (!isJsonObject(value)) throw imageFilesInvalid(`"${name}" is not a JSON object`);
  return value;
}

async function readJson(files: ImageFiles, name: string): Promise<unknown> {
  const content = await files.read(name);
  try {
    return JSON.parse(content.toString());
  } catch (cause) {
    throw imageFilesInvalid(`"${name}" is not JSON: ${errorMessage(cause)}`, cause);
  }
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : [];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.map(String) : [];
}
