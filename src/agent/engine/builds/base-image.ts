import { isTsmachineError } from '../../../shared/errors.js';
import type { BaseOptions, BuildPlatform } from '../../build/exec/request.js';
import { platformMismatch } from '../../image/errors.js';
import type { Image, ImageStore } from '../../image/image-store.js';
import { parseReference } from '../../image/reference.js';
import type { Puller, RegistryCredentials } from '../../registry/puller.js';

export interface BaseImages {
  readonly images: ImageStore;
  readonly puller: Puller;
  /** Of a registry, by its name as in docker's config.json. */
  readonly credentials: (registry: string) => Promise<RegistryCredentials | undefined>;
  /** Of the build, where the client has chosen one. */
  readonly platform: BuildPlatform | undefined;
}

/** The image that a stage begins with; pulled where it is not there, is of another platform, or is asked to be. */
export async function baseImage(context: BaseImages, name: string, options: BaseOptions): Promise<Image> {
  const platform = options.platform ?? context.platform;
  const local = options.pull ? undefined : await findLocal(context.images, name);
  if (local && matches(local, platform)) return local;
  await context.puller.pull({
    reference: name,
    credentials: await context.credentials(registryOf(name)),
    platform,
    progress: options.pulling,
    signal: options.signal,
  });
  const image = await context.images.resolve(name);
  if (matches(image, platform)) return image;
  const { os, architecture } = image.config;
  throw platformMismatch(name, `${platform?.os}/${platform?.architecture}`, `${os}/${architecture}`);
}

export async function findLocal(images: ImageStore, name: string): Promise<Image | undefined> {
  try {
    return await images.resolve(name);
  } catch (error) {
    if (isTsmachineError(error) && error.code === 'IMAGE_NOT_FOUND') return undefined;
    throw error;
  }
}

function matches({ config }: Image, platform: BuildPlatform | undefined): boolean {
  return !platform || (config.os === platform.os && config.architecture === platform.architecture);
}

/** As docker's config.json names it. */
export function registryOf(name: string): string {
  const { domain } = parseReference(name);
  return domain === 'docker.io' ? 'https://index.docker.io/v1/' : domain;
}
