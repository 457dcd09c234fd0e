import { EndpointRecords, type SandboxRecord } from './endpoint-records.js';
import { nothingReserved } from './errors.js';
import type { Sandbox } from './network.js';

/** What the containers hold on the networks: on disk and in memory, with the processes that they run as. */
export class HeldSandboxes {
  readonly #records: EndpointRecords;
  readonly #held = new Map<string, SandboxRecord>();
  readonly #pids = new Map<string, number>();
  readonly #listeners = new Set<(containerId: string) => void>();

  constructor(directory: string) {
    this.#records = new EndpointRecords(directory);
  }

  /** The records of an earlier run: `adopts` answers whether one still fits. One that does not is dropped. */
  async load(adopts: (record: SandboxRecord) => Promise<boolean>): Promise<void> {
    for (const record of await this.#records.load()) {
      if (await adopts(record)) this.#held.set(record.containerId, record);
      else await this.#records.remove(record.containerId);
    }
  }

  /** In place of what the container held before. */
  async hold(record: SandboxRecord): Promise<void> {
    await this.#records.save(record);
    this.#held.set(record.containerId, record);
  }

  async drop(containerId: string): Promise<void> {
    await this.#records.remove(containerId);
    this.#held.delete(containerId);
    this.#pids.delete(containerId);
  }

  get(containerId: string): SandboxRecord | undefined {
    return this.#held.get(containerId);
  }

  all(): readonly SandboxRecord[] {
    return [...this.#held.values()];
  }

  on(networkId: string): readonly SandboxRecord[] {
    return this.all().filter(({ endpoints }) =>
      endpoints.some((endpoint) => endpoint.networkId === networkId),
    );
  }

  /** Those that have a link to a container. */
  linkingTo(containerId: string): readonly SandboxRecord[] {
    return this.all().filter(({ links }) => links?.some((link) => link.containerId === containerId));
  }

  require(containerId: string): SandboxRecord {
    const record = this.#held.get(containerId);
    if (!record) throw nothingReserved(containerId);
    return record;
  }

  runsAs(containerId: string, pid: number): void {
    this.#pids.set(containerId, pid);
  }

  requirePid(containerId: string): number {
    const pid = this.#pids.get(containerId);
    if (pid === undefined) throw nothingReserved(containerId);
    return pid;
  }

  sandbox(containerId: string): Sandbox | undefined {
    const record = this.#held.get(containerId);
    return record && this.#sandboxOf(record);
  }

  sandboxes(): readonly Sandbox[] {
    return this.all().map((record) => this.#sandboxOf(record));
  }

  onChange(listener: (containerId: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  changed(containerId: string): void {
    for (const listener of this.#listeners) listener(containerId);
  }

  #sandboxOf(record: SandboxRecord): Sandbox {
    return { ...record, pid: this.#pids.get(record.containerId) };
  }
}
