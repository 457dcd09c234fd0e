import type {
  AnyDriver,
  AnyDriverDefinition,
  ChangedHost,
  CreateContext,
  HostChange,
  InstanceStatus,
  MachineState,
  OwnedResource,
  Snapshot,
  SnapshotControl,
} from '../../src/drivers/driver.js';
import type { DriverOptions } from '../../src/drivers/options.js';
import { DriverRegistry } from '../../src/drivers/registry.js';
import type { JsonObject } from '../../src/shared/json.js';
import type { SshEndpoint } from '../../src/ssh/transport.js';

/** Hosts that exist only as states by name. Any step can be made to fail; every call is recorded. */
export class FakeDriver implements AnyDriver {
  readonly calls: string[] = [];
  readonly hosts = new Map<string, MachineState>();
  /** Thrown by the step of that name: preCreateCheck, create (before its checkpoint), created (after it), … */
  readonly failures = new Map<string, () => unknown>();
  /** What is at the provider: id → owner tag. */
  readonly owned = new Map<string, string>();
  address: string | undefined = '127.0.0.1';
  controlsPower = true;
  extraInstance: JsonObject = {};

  async preCreateCheck(): Promise<void> {
    this.#step('preCreateCheck');
  }

  async create(options: JsonObject, context: CreateContext<JsonObject>): Promise<JsonObject> {
    this.#step('create');
    const instance = { id: context.machineName, ownerTag: context.ownerTag, options, ...this.extraInstance };
    this.hosts.set(context.machineName, 'running');
    this.owned.set(context.machineName, context.ownerTag);
    await context.checkpoint(instance);
    this.#step('created');
    context.signal.throwIfAborted();
    return instance;
  }

  async inspect(instance: JsonObject): Promise<InstanceStatus> {
    this.#fail('inspect');
    const state = this.hosts.get(String(instance['id'])) ?? 'error';
    return this.address === undefined ? { state } : { state, address: this.address };
  }

  start(instance: JsonObject): Promise<JsonObject> {
    return this.#change('start', instance, 'running');
  }

  stop(instance: JsonObject): Promise<JsonObject> {
    return this.#change('stop', instance, 'stopped');
  }

  kill(instance: JsonObject): Promise<JsonObject> {
    return this.#change('kill', instance, 'stopped');
  }

  suspend?(instance: JsonObject): Promise<JsonObject> {
    return this.#change('suspend', instance, 'paused');
  }

  resume?(instance: JsonObject): Promise<JsonObject> {
    return this.#change('resume', instance, 'running');
  }

  async change?(instance: JsonObject, change: HostChange): Promise<ChangedHost<JsonObject>> {
    this.#step('change');
    const needsRestart = change.memoryMiB === undefined ? [] : (['memoryMiB'] as const);
    return { instance: { ...instance, ...change, tags: { ...change.tags } }, needsRestart };
  }

  snapshots?: SnapshotControl<JsonObject> = this.#snapshotControl();

  async remove(instance: JsonObject): Promise<void> {
    this.#step('remove');
    this.hosts.delete(String(instance['id']));
    this.owned.delete(String(instance['id']));
  }

  async findOwned(_options: JsonObject, tagPrefix: string): Promise<readonly OwnedResource[]> {
    this.#step('findOwned');
    const found = [...this.owned].filter(([, ownerTag]) => ownerTag.startsWith(tagPrefix));
    return found.map(([id, ownerTag]) => ({ kind: 'host', id, ownerTag }));
  }

  async removeOwned(_options: JsonObject, { id }: OwnedResource): Promise<void> {
    this.#step('removeOwned');
    this.hosts.delete(id);
    this.owned.delete(id);
  }

  sshEndpoint(): SshEndpoint {
    return { host: this.address ?? '127.0.0.1', port: 22, user: 'root', identityFiles: ['id_ed25519'] };
  }

  #snapshotControl(): SnapshotControl<JsonObject> {
    const kept = new Map<string, Snapshot>();
    return {
      list: async () => [...kept.values()].reverse(),
      create: async (_, name) => {
        const createdAt = new Date(1_000_000_000_000 + kept.size).toISOString();
        kept.set(name, { name, createdAt, current: true });
      },
      revert: async (_, name) => this.#step(`revert ${name}`),
      remove: async (_, name) => void kept.delete(name),
    };
  }

  async #change(verb: string, instance: JsonObject, state: MachineState): Promise<JsonObject> {
    this.#step(verb);
    this.hosts.set(String(instance['id']), state);
    return instance;
  }

  #step(name: string): void {
    this.calls.push(name);
    this.#fail(name);
  }

  #fail(name: string): void {
    const failure = this.failures.get(name);
    if (failure) throw failure();
  }
}

/** One driver under the name "fake". */
export function fakeCatalog(driver: AnyDriver, options: DriverOptions = {}): DriverRegistry {
  const definition: AnyDriverDefinition = {
    apiVersion: 1,
    name: 'fake',
    aliases: ['fake-alias'],
    summary: 'for tests',
    options,
    load: async () => driver,
  };
  return new DriverRegistry([], [definition]);
}
