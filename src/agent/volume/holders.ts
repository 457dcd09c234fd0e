import type { VolumeHolders } from './volume-store.js';

/** Who has which volume mounted. */
export class Holders {
  #byName = new Map<string, Set<string>>();

  add(name: string, holder: string): void {
    const holders = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, holders.add(holder));
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** True when this was the last one. */
  delete(name: string, holder: string): boolean {
    const holders = this.#byName.get(name);
    if (!holders?.delete(holder) || holders.size > 0) return false;
    return this.#byName.delete(name);
  }

  replace(holders: VolumeHolders): void {
    this.#byName = new Map([...holders].map(([name, ids]) => [name, new Set(ids)]));
  }
}
