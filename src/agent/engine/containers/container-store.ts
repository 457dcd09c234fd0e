import { mkdir, readdir, rm } from 'node:fs/promises';
import { readJsonSync, writeJsonAtomically } from '../../../shared/atomic-file.js';
import { errorMessage } from '../../../shared/errors.js';
import { KeyedMutex } from '../../../shared/keyed-mutex.js';
import type { Logger } from '../../../shared/logger.js';
import { ambiguousContainer, nameInUse, noSuchContainer } from '../errors.js';
import { Container } from './container.js';
import { withoutSlash } from './names.js';
import type { ContainerPaths } from './paths.js';
import type { ContainerRecord } from './record.js';

/** All containers of this host: one directory each, with a record that is written atomically. */
export class ContainerStore {
  readonly #paths: ContainerPaths;
  readonly #containers = new Map<string, Container>();
  readonly #beginnings = new Set<Container>();
  readonly #idsByName = new Map<string, string>();
  readonly #writes = new KeyedMutex();

  private constructor(paths: ContainerPaths) {
    this.#paths = paths;
  }

  /** Reads all records. A directory without a record is a creation that was cut off: it is removed. */
  static async open(paths: ContainerPaths, log: Logger): Promise<ContainerStore> {
    await mkdir(paths.root, { recursive: true, mode: 0o710 });
    const store = new ContainerStore(paths);
    for (const id of await readdir(paths.root)) {
      await store.#load(id).catch((error) => {
        log.error('container record is damaged', { container: id, error: errorMessage(error) });
      });
    }
    return store;
  }

  list(): readonly Container[] {
    return [...this.#containers.values()];
  }

  /** IDs of the containers that have a volume, also of those that are being made. */
  usersOfVolume(name: string): readonly string[] {
    return [...new Set([...this.#containers.values(), ...this.#beginnings])]
      .filter(({ record }) => record.mounts.some(({ Type, Name }) => Type === 'volume' && Name === name))
      .map(({ id }) => id);
  }

  byId(id: string): Container | undefined {
    return this.#containers.get(id);
  }

  byName(name: string): Container | undefined {
    return this.#containers.get(this.#idsByName.get(withoutSlash(name)) ?? '');
  }

  /** By ID, name, or a prefix of one ID only. Throws CONTAINER_NOT_FOUND, CONTAINER_AMBIGUOUS. */
  resolve(nameOrId: string): Container {
    const container = this.find(nameOrId);
    if (!container) throw noSuchContainer(nameOrId);
    return container;
  }

  /** The same, undefined where there is none. Throws CONTAINER_AMBIGUOUS. */
  find(nameOrId: string): Container | undefined {
    const exact = this.byId(nameOrId) ?? this.byName(nameOrId);
    if (exact) return exact;
    const matches = nameOrId === '' ? [] : this.list().filter(({ id }) => id.startsWith(nameOrId));
    if (matches.length > 1) throw ambiguousContainer(nameOrId);
    return matches[0];
  }

  isNameTaken(name: string): boolean {
    return this.#idsByName.has(name);
  }

  /** Throws CONTAINER_NAME_IN_USE. */
  reserveName(name: string, id: string): void {
    const holder = this.#idsByName.get(name);
    if (holder !== undefined && holder !== id) throw nameInUse(name, holder);
    this.#idsByName.set(name, id);
  }

  releaseName(name: string): void {
    this.#idsByName.delete(name);
  }

  /** Until that is disposed of, what a container is going to have is in use, though the container cannot be found. */
  begin(container: Container): Disposable {
    this.#beginnings.add(container);
    return { [Symbol.dispose]: () => this.#beginnings.delete(container) };
  }

  /** Writes down what is being made, with its `removal`: the next start of the agent takes away what was cut off. */
  async draft(container: Container): Promise<void> {
    await this.#writes.run(container.id, async () => {
      await mkdir(this.#paths.directory(container.id), { recursive: true, mode: 0o710 });
      await this.#write(container);
    });
  }

  /** Makes the directory and the record; from then on the container can be found. The name has been reserved. */
  async create(container: Container): Promise<void> {
    await this.draft(container);
    this.#publish(container);
  }

  /** Writes the record as it is when its turn comes: saves of one container do not overtake each other. */
  async save(container: Container): Promise<void> {
    await this.#writes.run(container.id, () => this.#write(container));
  }

  async delete(container: Container): Promise<void> {
    await this.discard(container);
    this.releaseName(container.record.name);
  }

  /** Removes the files: the container cannot be found any more, but its name stays reserved. */
  async discard({ id }: Container): Promise<void> {
    await this.#writes.run(id, () => rm(this.#paths.directory(id), { recursive: true, force: true }));
    this.#containers.delete(id);
  }

  async #write({ id, record }: Container): Promise<void> {
    await writeJsonAtomically(this.#paths.record(id), record);
  }

  async #load(id: string): Promise<void> {
    const record = readJsonSync(this.#paths.record(id));
    if (record === undefined) {
      await rm(this.#paths.directory(id), { recursive: true, force: true });
      return;
    }
    const container = new Container(record as ContainerRecord); // written by `save` of the same schema version
    this.reserveName(container.record.name, id);
    this.#publish(container);
  }

  #publish(container: Container): void {
    this.#containers.set(container.id, container);
  }
}
