import type { Readable } from 'node:stream';
import { type Filters, matchesLabels } from '../../../api/filters.js';
import type {
  VolumeCreateRequest,
  VolumeListResponse,
  VolumePruneResponse,
  VolumeResource,
  VolumeUsage,
} from '../../../api/volume.js';
import type { VolumeEntry, VolumeImport } from '../../../api/volume-archive.js';
import { randomId } from '../../../shared/identifiers.js';
import { directoryUsage } from '../../layer/directory-usage.js';
import type { IdMap } from '../../userns/id-map.js';
import type { Volume, VolumeStore } from '../../volume/volume-store.js';
import type { ContainerStore } from '../containers/container-store.js';
import type { ContainerPaths } from '../containers/paths.js';
import { invalidFilter, volumeInUse } from '../errors.js';
import type { EventBus } from '../event-bus.js';
import { archiveVolume, extractVolume, removePaths, type VolumeArchive } from './volume-archive.js';
import { volumeManifest } from './volume-manifest.js';

export interface VolumeContext {
  readonly paths: ContainerPaths;
  readonly volumes: VolumeStore;
  readonly containers: ContainerStore;
  readonly events: EventBus;
  /** Archives and manifests speak of the users of containers with this map. */
  readonly idMap?: IdMap | undefined;
}

interface ExtractOptions {
  readonly create: boolean;
  readonly whole: boolean;
  readonly signal: AbortSignal;
}

/** The volume use cases. */
export class VolumeService {
  readonly #context: VolumeContext;

  constructor(context: VolumeContext) {
    this.#context = context;
  }

  async list(filters: Filters): Promise<VolumeListResponse> {
    for (const name of filters.keys()) if (!known.has(name)) throw invalidFilter(name);
    const volumes = (await this.#context.volumes.list()).filter((volume) => this.#matches(volume, filters));
    return { Volumes: volumes.map(toResource), Warnings: null };
  }

  async inspect(name: string): Promise<VolumeResource> {
    return toResource(await this.#context.volumes.get(name));
  }

  async create(request: VolumeCreateRequest): Promise<VolumeResource> {
    const { Name = '', Driver = '', DriverOpts = {}, Labels = {} } = request;
    const name = Name === '' ? undefined : Name;
    const known = name !== undefined && (await this.#context.volumes.has(name));
    const spec = { name, driver: Driver, options: DriverOpts, labels: Labels };
    const volume = await this.#context.volumes.create(spec);
    if (!known) this.#publish('create', volume);
    return toResource(volume);
  }

  /** Throws VOLUME_IN_USE also with `force`, which only forgives a volume that is not there. */
  async remove(name: string, { force }: { readonly force: boolean }): Promise<void> {
    const users = this.#context.containers.usersOfVolume(name);
    if (users.length > 0) throw volumeInUse(name, users);
    if (force && !(await this.#context.volumes.has(name))) return;
    const volume = await this.#context.volumes.get(name);
    await this.#context.volumes.remove(name);
    this.#publish('destroy', volume);
  }

  /** Unused local ones without options; named ones only with `all=true`, as from API 1.42. */
  async prune(filters: Filters, options: { readonly namedToo: boolean }): Promise<VolumePruneResponse> {
    for (const name of filters.keys()) if (!pruneFilters.has(name)) throw invalidFilter(name);
    const namedToo = options.namedToo || ['true', '1'].some((value) => filters.get('all')?.has(value));
    const removed: string[] = [];
    let freed = 0;
    for (const volume of await this.#context.volumes.list()) {
      const { name, anonymous } = volume;
      const isPlain = volume.driver === 'local' && Object.keys(volume.options).length === 0;
      const wanted = isPlain && (namedToo || anonymous) && hasLabels(volume, filters);
      if (!wanted || this.#context.containers.usersOfVolume(name).length > 0) continue;
      const bytes = await directoryUsage(volume.path);
      await this.#context.volumes.remove(name);
      this.#publish('destroy', volume);
      removed.push(name);
      freed += bytes;
    }
    const attributes = { reclaimed: String(freed) };
    this.#context.events.publish({ type: 'volume', action: 'prune', id: '', attributes });
    return { VolumesDeleted: removed.length > 0 ? removed : null, SpaceReclaimed: freed };
  }

  /** Bytes and users of each that lies in our own directory; those of other drivers and places are not counted. */
  async usage(): Promise<readonly VolumeUsage[]> {
    const volumes = await this.#context.volumes.list();
    const own = volumes.filter(
      ({ driver, options }) => driver === 'local' && Object.keys(options).length === 0,
    );
    return Promise.all(
      own.map(async (volume) => {
        const Size = await directoryUsage(volume.path);
        const RefCount = this.#context.containers.usersOfVolume(volume.name).length;
        return { ...toResource(volume), UsageData: { Size, RefCount } };
      }),
    );
  }

  /** What is in a volume. Throws VOLUME_NOT_FOUND, VOLUME_MOUNT_FAILED. */
  async manifest(name: string, options: { readonly digests: boolean }): Promise<AsyncIterable<VolumeEntry>> {
    const { idMap } = this.#context;
    const { path, giveBack } = await this.#hold(name);
    return finallyDoing(volumeManifest(path, { ...options, idMap }), giveBack);
  }

  /** A volume as a tar, or only these paths of it. Throws VOLUME_NOT_FOUND, VOLUME_MOUNT_FAILED. */
  async archive(name: string, only: ReadonlySet<string> | undefined): Promise<VolumeArchive> {
    const { path, giveBack } = await this.#hold(name);
    const archive = archiveVolume(path, only, this.#context.idMap);
    return { ...archive, source: finallyDoing(archive.source, giveBack) };
  }

  /**
   * Unpacks a tar into a volume, which is made when `create` says so; with `whole` a new one is made of all of the tar
   * or not at all, whatever happens meanwhile. Throws VOLUME_NOT_FOUND, TAR_INVALID, …
   */
  async extract(name: string, tar: Readable, options: ExtractOptions): Promise<VolumeImport> {
    const { create, whole, signal } = options;
    const unpack = (path: string) => {
      const { paths, idMap } = this.#context;
      return extractVolume(path, tar, { scratch: paths.scratch, signal, idMap });
    };
    const made = create && whole ? await this.#createFilled(name, unpack) : undefined;
    if (made) return made;
    if (create) await this.create({ Name: name });
    const { path, giveBack } = await this.#hold(name);
    try {
      return await unpack(path);
    } finally {
      await giveBack();
    }
  }

  async removePaths(name: string, paths: ReadonlySet<string>): Promise<void> {
    const { path, giveBack } = await this.#hold(name);
    try {
      removePaths(path, paths, this.#context.paths.scratch);
    } finally {
      await giveBack();
    }
  }

  /** Undefined where there is such a volume. */
  async #createFilled(
    name: string,
    unpack: (path: string) => Promise<VolumeImport>,
  ): Promise<VolumeImport | undefined> {
    const { volumes } = this.#context;
    if (await volumes.has(name)) return undefined;
    let made: VolumeImport | undefined;
    const volume = await volumes.create({
      name,
      fill: async (path) => {
        made = await unpack(path);
      },
    });
    if (made) this.#publish('create', volume);
    return made;
  }

  async #hold(name: string): Promise<{ readonly path: string; giveBack(): Promise<void> }> {
    const { volumes } = this.#context;
    const holder = `archive-${randomId()}`;
    const path = await volumes.mount(name, holder);
    return { path, giveBack: () => volumes.unmount(name, holder) };
  }

  #matches(volume: Volume, filters: Filters): boolean {
    const { name, driver } = volume;
    const any = (key: string, test: (value: string) => boolean): boolean => {
      const values = filters.get(key);
      return values === undefined || [...values].some(test);
    };
    const dangling = this.#context.containers.usersOfVolume(name).length === 0;
    return (
      any('name', (value) => name.includes(value)) &&
      any('driver', (value) => value === driver) &&
      any('dangling', (value) => ['true', '1'].includes(value) === dangling) &&
      hasLabels(volume, filters)
    );
  }

  #publish(action: string, { name, driver }: Volume): void {
    this.#context.events.publish({ type: 'volume', action, id: name, attributes: { driver } });
  }
}

/** `end` is called when the source was read, or reading it was given up. */
function finallyDoing<T>(source: AsyncIterable<T>, end: () => Promise<void>): AsyncIterable<T> {
  return {
    async *[Symbol.asyncIterator]() {
      try {
        yield* source;
      } finally {
        await end();
      }
    },
  };
}

const known = new Set(['dangling', 'driver', 'label', 'label!', 'name']);
const pruneFilters = new Set(['all', 'label', 'label!']);

function hasLabels({ labels }: Volume, filters: Filters): boolean {
  const unwanted = [...(filters.get('label!') ?? [])];
  return (
    matchesLabels(filters.get('label'), labels) &&
    !unwanted.some((each) => matchesLabels(new Set([each]), labels))
  );
}

function toResource({
  name,
  driver,
  path,
  createdAt,
  labels,
  options,
  scope,
  status,
}: Volume): VolumeResource {
  return {
    ...(createdAt !== '' && { CreatedAt: createdAt }),
    Driver: driver,
    Labels: Object.keys(labels).length > 0 ? labels : null,
    Mountpoint: path,
    Name: name,
    Options: Object.keys(options).length > 0 ? options : null,
    Scope: scope,
    ...(status && { Status: status }),
  };
}
