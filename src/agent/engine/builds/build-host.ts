import { decompress } from '../../../shared/decompress.js';
import type { Digest } from '../../../shared/digest.js';
import type { KeyedMutex } from '../../../shared/keyed-mutex.js';
import { buildImage } from '../../build/exec/build-image.js';
import { mountLayers } from '../../build/exec/change-layer.js';
import type { BuildPlatform, BuildRequest, BuiltImage } from '../../build/exec/request.js';
import type { BuildHost, BuildSettings, CacheUsage, SourceLayer } from '../../buildkit/build-host.js';
import { diffIdsOf } from '../../image/decode-image-config.js';
import type { ImageConfig } from '../../image/image-config.js';
import { familiarReference, type Reference } from '../../image/reference.js';
import { saveArchive } from '../../image/save-archive.js';
import { chainIdsOf } from '../../layer/chain-id.js';
import { publishImage } from '../images/image-events.js';
import { baseImage, findLocal, registryOf } from './base-image.js';
import type { BuildServiceContext } from './build-context.js';
import { parseConditions } from './cache-filter.js';
import { ContainerCommands } from './container-commands.js';
import { listCacheUsage, pruneBuildCache } from './prune-cache.js';

/** The engine's images, containers and cache for builds, whoever asks for them. */
export class EngineBuildHost implements BuildHost {
  readonly #context: BuildServiceContext;
  readonly #locks: KeyedMutex;

  constructor(context: BuildServiceContext, locks: KeyedMutex) {
    this.#context = context;
    this.#locks = locks;
  }

  get directory(): string {
    return this.#context.directory;
  }

  get runDirectory(): string {
    return this.#context.runDirectory;
  }

  get platform(): BuildPlatform {
    return this.#context.platform;
  }

  get hostGateway(): string {
    return this.#context.containers.networks.byName('bridge')?.blocks[0]?.gateway ?? '';
  }

  /** `keep`: the containers of the steps stay. */
  async build(
    request: BuildRequest,
    settings: BuildSettings,
    { keep }: { readonly keep: boolean } = { keep: false },
  ): Promise<BuiltImage> {
    const { containers, cache, directory, runDirectory } = this.#context;
    const { images, layers, idMap } = containers;
    const commands = new ContainerCommands(containers, { hostConfig: settings.hostConfig, keep });
    const bases = this.#bases(settings);
    return await buildImage(
      {
        ...{ images, layers, cache, commands, directory, runDirectory, locks: this.#locks, idMap },
        base: (name, options) => baseImage(bases, name, options),
      },
      request,
    );
  }

  async pull(
    name: string,
    settings: BuildSettings,
    options: Parameters<BuildHost['pull']>[2],
  ): Promise<void> {
    const { progress: pulling, signal } = options;
    await baseImage(this.#bases(settings), name, { pull: false, platform: undefined, pulling, signal });
  }

  async has(name: string): Promise<boolean> {
    return (await findLocal(this.#context.containers.images, name)) !== undefined;
  }

  async environmentOf(image: string): Promise<readonly string[] | undefined> {
    const found = await findLocal(this.#context.containers.images, image);
    return found && (found.config.config?.Env ?? []);
  }

  async cacheRepository(
    name: string,
    { credentials }: Pick<BuildSettings, 'credentials'>,
    options: Parameters<BuildHost['cacheRepository']>[2],
  ) {
    const login = await credentials(registryOf(name));
    return await this.#context.caches.open(name, { credentials: login, ...options });
  }

  async takeLayers(sources: readonly SourceLayer[], signal: AbortSignal): Promise<AsyncDisposable> {
    const { images, layers } = this.#context.containers;
    const chainIds = chainIdsOf(sources.map(({ diffId }) => diffId));
    await using held = new AsyncDisposableStack();
    held.use(images.hold(chainIds));
    for (const [index, chainId] of chainIds.entries()) {
      const source = sources[index];
      if (!source || (await layers.has(chainId))) continue;
      const tar = await decompress(source.open());
      await layers.apply(tar, source.diffId, chainIds[index - 1], signal);
    }
    return held.move();
  }

  layerTar(chainId: Digest): AsyncGenerator<Buffer> {
    return this.#context.containers.layers.tar(chainId);
  }

  checkName(name: string): void {
    this.#references([name]);
  }

  async register(image: BuiltImage, names: readonly string[]) {
    const { containers } = this.#context;
    const references = this.#references(names);
    const { id } = await containers.images.register({ configBlob: image.configBlob, references });
    for (const reference of references) {
      await publishImage(containers, 'tag', id, familiarReference(reference));
    }
    return id;
  }

  archive({ config, configBlob }: BuiltImage, names: readonly string[]): AsyncGenerator<Buffer> {
    const diffIds = diffIdsOf(config);
    const chainIds = chainIdsOf(diffIds);
    const layers = diffIds.flatMap((diffId, at) => {
      const chainId = chainIds[at];
      return chainId ? [{ chainId, diffId }] : [];
    });
    const image = { configBlob, config, layers, tags: this.#references(names) };
    return saveArchive(this.#context.containers.layers, [image]);
  }

  async mount(config: ImageConfig) {
    return await mountLayers(this.#context.containers, chainIdsOf(diffIdsOf(config)).at(-1));
  }

  cacheUsage(filters: readonly string[] = []): Promise<readonly CacheUsage[]> {
    return listCacheUsage(this.#context, parseConditions(filters));
  }

  async pruneCache(
    filters: readonly string[],
    options: { readonly all: boolean; readonly keep: number },
  ): Promise<readonly CacheUsage[]> {
    const before = await this.cacheUsage();
    const { CachesDeleted } = await pruneBuildCache(this.#context, parseConditions(filters), options);
    const gone = new Set(CachesDeleted);
    return before.filter(({ id }) => gone.has(id));
  }

  #bases({ credentials, platform }: BuildSettings) {
    const { puller, containers } = this.#context;
    return { images: containers.images, puller, credentials, platform };
  }

  #references(names: readonly string[]): readonly Reference[] {
    return names.flatMap((name) => this.#context.containers.images.parseNewName(name));
  }
}
