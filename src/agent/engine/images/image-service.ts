import type { Readable } from 'node:stream';
import type { Filters } from '../../../api/filters.js';
import type { ImageDeleteItem, ImageHistoryItem, ImageInspect, ImageSummary } from '../../../api/image.js';
import type { LayerChains, LayerLine, LayerSizes } from '../../../api/image-layers.js';
import type { ProgressMessage } from '../../../api/progress.js';
import { isDigest } from '../../../shared/digest.js';
import type { ImportOptions, LoadOptions } from '../../image/image-store.js';
import type { Platform } from '../../image/platform.js';
import { familiarReference, parseReference, withDefaultTag } from '../../image/reference.js';
import type { PullRequest, PushRequest, RegistryCredentials } from '../../registry/puller.js';
import type { DistributionInspect } from '../../registry/registry-directory.js';
import type { SearchOptions } from '../../registry/registry-search.js';
import type { ImageContext } from './image-context.js';
import { publishEach, publishImage, publishTransfer } from './image-events.js';
import { imageFilter, intermediates } from './image-filter.js';
import { imageHistory } from './image-history.js';
import { imageLayers, layerSizes } from './image-layers.js';
import { imageSummary, inspectImage } from './inspect-image.js';
import { pruneImages } from './prune-images.js';
import { pullMessages, pushMessages } from './pull-messages.js';
import { remoteArchive } from './remote-archive.js';
import { searchFilter } from './search-filter.js';
import { sharedSizes } from './shared-sizes.js';

/** The image use cases. */
export class ImageService {
  readonly #context: ImageContext;

  constructor(context: ImageContext) {
    this.#context = context;
  }

  /** The newest first; with `all` also those without a name that others were made of. */
  async list(
    filters: Filters,
    { all = false, sharedSize = false }: { readonly all?: boolean; readonly sharedSize?: boolean } = {},
  ): Promise<readonly ImageSummary[]> {
    const images = await this.#context.images.list();
    const test = await imageFilter(filters, (name) => this.#context.images.resolve(name));
    const hidden = all && !filters.has('dangling') ? new Set() : intermediates(images);
    const shown = images.filter((image) => !hidden.has(image) && test(image));
    const shared = sharedSize ? await sharedSizes(images, this.#context.layers) : undefined;
    return shown
      .map((image) => ({
        ...imageSummary(image, filters.get('reference')),
        ...(shared && { SharedSize: shared.get(image.id) ?? 0 }),
      }))
      .sort((a, b) => b.Created - a.Created);
  }

  async inspect(name: string): Promise<ImageInspect> {
    return inspectImage(await this.#context.images.resolve(name), this.#context.layers.driver);
  }

  async history(name: string): Promise<readonly ImageHistoryItem[]> {
    return imageHistory(await this.#context.images.resolve(name), this.#context.layers);
  }

  /** What is in its layers: see `api/image-layers.ts`. */
  async *layers(name: string): AsyncGenerator<LayerLine> {
    const { images, layers } = this.#context;
    yield* imageLayers(await images.resolve(name), images, layers);
  }

  layerSizes(chains: LayerChains['Chains']): Promise<LayerSizes['Sizes']> {
    return layerSizes(chains, this.#context.layers);
  }

  async tag(name: string, reference: string): Promise<void> {
    await this.#context.images.tag(name, reference);
    const image = await this.#context.images.resolve(reference);
    await publishImage(
      this.#context,
      'tag',
      image.id,
      familiarReference(withDefaultTag(parseReference(reference))),
    );
  }

  async remove(
    name: string,
    options: { readonly force: boolean; readonly noPrune: boolean },
  ): Promise<readonly ImageDeleteItem[]> {
    const { id } = await this.#context.images.resolve(name);
    const { untagged, deleted } = await this.#context.images.remove(name, {
      ...options,
      inUse: (image) => this.#userOf(image),
    });
    for (const reference of untagged) await publishImage(this.#context, 'untag', id, reference);
    if (deleted.length > 0) await publishImage(this.#context, 'delete', id);
    return [
      ...untagged.map((reference) => ({ Untagged: reference })),
      ...deleted.map((digest) => ({ Deleted: digest })),
    ];
  }

  prune(filters: Filters) {
    return pruneImages(this.#context, filters, (name) => this.remove(name, { force: false, noPrune: false }));
  }

  /** One progress message per image, as docker prints them. */
  async *load(tar: Readable, options: LoadOptions): AsyncGenerator<ProgressMessage> {
    await this.#context.policy.admitUnsigned('docker-archive', 'archive');
    const lines = await this.#context.images.load(tar, options);
    const loaded = lines.flatMap((line) => /^Loaded image(?: ID)?: (.+)$/.exec(line)?.[1] ?? []);
    await publishEach(this.#context, 'load', loaded);
    for (const line of lines) yield { stream: `${line.trimEnd()}\n` };
  }

  async *import(
    source: Readable | URL,
    options: ImportOptions,
    signal: AbortSignal,
  ): AsyncGenerator<ProgressMessage> {
    await this.#context.policy.admitUnsigned('tarball', options.reference ?? 'archive');
    if (source instanceof URL) yield { status: `Downloading from ${source.href}` };
    const tar = source instanceof URL ? await remoteArchive(source, signal) : source;
    const id = await this.#context.images.import(tar, options, signal);
    await publishImage(this.#context, 'import', id);
    yield { status: id };
  }

  /** Progress lines; a failure before the first of them is thrown before any is yielded. */
  async *pull(request: Omit<PullRequest, 'progress'>): AsyncGenerator<ProgressMessage> {
    yield* pullMessages(this.#context.puller, request);
    await publishTransfer(this.#context, 'pull', request);
  }

  /** The first line comes before anything is asked of the registry. */
  async *push(request: Omit<PushRequest, 'progress'>): AsyncGenerator<ProgressMessage> {
    yield* pushMessages(this.#context.pusher, request);
    await publishTransfer(this.#context, 'push', request);
  }

  /** With `only` the other layers are left out. */
  async save(
    names: readonly string[],
    { only, platform }: { readonly only?: readonly string[]; readonly platform?: Platform | undefined } = {},
  ): Promise<AsyncGenerator<Buffer>> {
    const layers = only && new Set(only.filter(isDigest));
    const archive = await this.#context.images.save(names, { platform, only: layers });
    await publishEach(this.#context, 'save', names);
    return archive;
  }

  login(server: string, credentials: RegistryCredentials, signal: AbortSignal): Promise<string | undefined> {
    return this.#context.directory.login(server, credentials, signal);
  }

  async search({ filters, ...options }: SearchOptions & { readonly filters: Filters }) {
    const test = searchFilter(filters);
    return (await this.#context.directory.search(options)).filter(test);
  }

  distribution(
    name: string,
    credentials: RegistryCredentials | undefined,
    signal: AbortSignal,
  ): Promise<DistributionInspect> {
    return this.#context.directory.inspect(name, credentials, signal);
  }

  /** Which images are let in; undefined when all are. */
  imagePolicy(): Promise<string | undefined> {
    return this.#context.policy.text();
  }

  /** Throws IMAGE_POLICY_INVALID. */
  replaceImagePolicy(text: string | undefined): Promise<void> {
    return this.#context.policy.replace(text);
  }

  #userOf(image: string): { readonly running: boolean; readonly containerId: string } | undefined {
    const users = this.#context.containers.list().filter(({ record }) => record.imageId === image);
    const user = users.find(({ running }) => running) ?? users[0];
    return user && { running: user.running, containerId: user.id };
  }
}
