import type { Readable } from 'node:stream';
import type { HostConfig } from '../../api/container-config.js';
import type { ProgressMessage } from '../../api/progress.js';
import type { Digest } from '../../shared/digest.js';
import type { BuildPlatform, BuildRequest, BuiltImage } from '../build/exec/request.js';
import type { ImageConfig } from '../image/image-config.js';
import type { CachePlace } from './cache/cache-place.js';

export interface BuildSettings {
  /** Network and limits of the commands. */
  readonly hostConfig: HostConfig;
  /** Of the images, where the client has chosen one. */
  readonly platform: BuildPlatform | undefined;
  /** For a registry, by its name as in docker's config.json. */
  readonly credentials: (registry: string) => Promise<RegistryLogin | undefined>;
}

export interface RegistryLogin {
  readonly username?: string;
  readonly password?: string;
  readonly identityToken?: string;
}

export interface SourceLayer {
  readonly diffId: Digest;
  /** Its archive, compressed or not. */
  open(): Readable;
}

export interface CacheUsage {
  readonly id: string;
  readonly description: string;
  readonly size: number;
  readonly inUse: boolean;
  readonly shared: boolean;
  readonly createdAt: string;
  readonly lastUsedAt: string;
  readonly uses: number;
}

/** What the engine gives to builds of BuildKit's clients. */
export interface BuildHost {
  /** The builder's own, on disk and in memory. */
  readonly directory: string;
  readonly runDirectory: string;
  readonly platform: BuildPlatform;
  /** The address of this host as containers see it; empty when there is none. */
  readonly hostGateway: string;
  /** Builds; the image's layers are kept until disposal. */
  build(request: BuildRequest, settings: BuildSettings): Promise<BuiltImage>;
  /** Fetches an image that is not here. */
  pull(
    name: string,
    settings: BuildSettings,
    options: { readonly progress: (message: ProgressMessage) => void; readonly signal: AbortSignal },
  ): Promise<void>;
  has(name: string): Promise<boolean>;
  /** Of an image's configuration; undefined where the image is not here. */
  environmentOf(image: string): Promise<readonly string[] | undefined>;
  /** A cache in a registry. Throws REFERENCE_INVALID, REGISTRY_UNREACHABLE, REGISTRY_UNAUTHORIZED. */
  cacheRepository(
    name: string,
    login: Pick<BuildSettings, 'credentials'>,
    options: { readonly write: boolean; readonly insecure: boolean; readonly signal: AbortSignal },
  ): Promise<CachePlace>;
  /** Brings layers here (lowest first) where they are not; they are kept until disposal. */
  takeLayers(layers: readonly SourceLayer[], signal: AbortSignal): Promise<AsyncDisposable>;
  /** The archive of a layer that is here. */
  layerTar(chainId: Digest): AsyncGenerator<Buffer>;
  /** Throws REFERENCE_INVALID. */
  checkName(name: string): void;
  /** Makes it an image of this host with these names. */
  register(image: BuiltImage, names: readonly string[]): Promise<Digest>;
  /** As `docker save` writes it. */
  archive(image: BuiltImage, names: readonly string[]): AsyncIterable<Buffer>;
  /** Its files, in place until disposal. */
  mount(config: ImageConfig): Promise<{ readonly path: string } & AsyncDisposable>;
  /** Filters as BuildKit's clients write them. Throws FILTER_INVALID. */
  cacheUsage(filters: readonly string[]): Promise<readonly CacheUsage[]>;
  /** Answers what is gone. */
  pruneCache(
    filters: readonly string[],
    options: { readonly all: boolean; readonly keep: number },
  ): Promise<readonly CacheUsage[]>;
}
