import { type Filters, matchesLabels } from '../../../api/filters.js';
import type {
  VolumeCreateRequest,
  VolumeListResponse,
  VolumePruneResponse,
  VolumeResource,
} from '../../../api/volume.js';
import type { Volume, VolumeStore } from '../../volume/volume-store.js';
import type { ContainerStore } from '../containers/container-store.js';
import { checkedVolumeName } from '../containers/mount-specs.js';
import { invalidFilter, unsupportedOption, volumeInUse } from '../errors.js';
import type { EventBus } from '../event-bus.js';

export interface VolumeContext {
  readonly volumes: VolumeStore;
  readonly containers: ContainerStore;
  readonly events: EventBus;
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
    if (!['', 'local'].includes(Driver)) throw unsupportedOption(`volume driver "${Driver}"`);
    if (Object.keys(DriverOpts).length > 0) throw unsupportedOption('DriverOpts');
    const known = (await this.#context.volumes.list()).some((volume) => volume.name === Name);
    const name = Name === '' ? {} : { name: checkedVolumeName(Name) };
    const volume = await this.#context.volumes.create({ ...name, labels: Labels });
    if (!known) this.#publish('create', volume.name);
    return toResource(volume);
  }

  /** Throws VOLUME_IN_USE also with `force`, which only forgives a volume that is not there. */
  async remove(name: string, { force }: { readonly force: boolean }): Promise<void> {
    const users = this.#usersOf(name);
    if (users.length > 0) throw volumeInUse(name, users);
    if (!force) await this.#context.volumes.get(name);
    await this.#context.volumes.remove(name);
    this.#publish('destroy', name);
  }

  /** Unused ones; named ones only with `all=true`, as from API 1.42. */
  async prune(filters: Filters, options: { readonly namedToo: boolean }): Promise<VolumePruneResponse> {
    for (const name of filters.keys()) if (!pruneFilters.has(name)) throw invalidFilter(name);
    const namedToo = options.namedToo || ['true', '1'].some((value) => filters.get('all')?.has(value));
    const removed: string[] = [];
    for (const { name, anonymous, labels } of await this.#context.volumes.list()) {
      const wanted = (namedToo || anonymous) && matchesLabels(filters.get('label'), labels);
      if (!wanted || this.#usersOf(name).length > 0) continue;
      await this.#context.volumes.remove(name);
      this.#publish('destroy', name);
      removed.push(name);
    }
    const attributes = { reclaimed: '0' };
    this.#context.events.publish({ type: 'volume', action: 'prune', id: '', attributes });
    return { VolumesDeleted: removed.length > 0 ? removed : null, SpaceReclaimed: 0 };
  }

  #usersOf(name: string): readonly string[] {
    const containers = this.#context.containers.list();
    return containers
      .filter(({ record }) => record.mounts.some(({ Type, Name }) => Type === 'volume' && Name === name))
      .map(({ id }) => id);
  }

  #matches({ name, labels }: Volume, filters: Filters): boolean {
    const any = (key: string, test: (value: string) => boolean): boolean => {
      const values = filters.get(key);
      return values === undefined || [...values].some(test);
    };
    const dangling = this.#usersOf(name).length === 0;
    return (
      any('name', (value) => name.includes(value)) &&
      any('driver', (value) => value === 'local') &&
      any('dangling', (value) => ['true', '1'].includes(value) === dangling) &&
      matchesLabels(filters.get('label'), labels)
    );
  }

  #publish(action: string, name: string): void {
    this.#context.events.publish({ type: 'volume', action, id: name, attributes: { driver: 'local' } });
  }
}

const known = new Set(['dangling', 'driver', 'label', 'name']);
const pruneFilters = new Set(['all', 'label']);

function toResource({ name, path, createdAt, labels }: Volume): VolumeResource {
  return {
    CreatedAt: createdAt,
    Driver: 'local',
    Labels: Object.keys(labels).length > 0 ? labels : null,
    Mountpoint: path,
    Name: name,
    Options: null,
    Scope: 'local',
  };
}
