import type { VolumeHolders } from './volume-store.js';

/** Who has which volume mounted. */
export class Holders {
  #byName = new Map<string, Set<string>>();

  add(name: string, holder: string): void {
    const holders = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, holders.add(holder));
  }

  /** With a holder: whether it is one of them. */
  has(name: string, holder?: string): boolean {
    const holders = this.#byName.get(name);
    return holder === undefined ? holders !== undefined : (holders?.has(holder) ?? false);
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
