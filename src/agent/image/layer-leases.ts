import type { Digest } from '../../shared/digest.js';
import { isTsmachineError } from '../../shared/errors.js';
import type { LayerStore } from '../layer/layer-store.js';

/**
 * Keeps layers while a pull or load is putting an image together, and removes layers that nothing needs: no image,
 * no lease, no container, no other layer.
 */
export class LayerLeases {
  readonly #layers: LayerStore;
  readonly #isUsed: (chainId: Digest) => boolean;
  readonly #held = new Map<Digest, number>();
  /** Kept by a container when its image went. */
  readonly #orphans = new Set<Digest>();

  constructor(layers: LayerStore, isUsedByImage: (chainId: Digest) => boolean) {
    this.#layers = layers;
    this.#isUsed = isUsedByImage;
  }

  /** Lowest first. Disposal removes those that no image came to need. */
  hold(chainIds: readonly Digest[]): AsyncDisposable {
    for (const id of chainIds) this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
    return {
      [Symbol.asyncDispose]: async () => {
        for (const id of chainIds) this.#release(id);
        await this.removeUnused(chainIds);
      },
    };
  }

  /** Answers what was removed, uppermost first. `chainIds` are lowest first. */
  async removeUnused(chainIds: readonly Digest[]): Promise<Digest[]> {
    const removed: Digest[] = [];
    for (const id of [...chainIds].reverse()) {
      if (this.#isUsed(id) || this.#held.has(id) || !(await this.#layers.has(id))) continue;
      if (await this.#remove(id)) removed.push(id);
      else this.#orphans.add(id);
    }
    return removed;
  }

  /** Tries again what a container kept. */
  async removeOrphans(): Promise<void> {
    for (const id of this.#orphans) {
      const isWanted = this.#isUsed(id) || !(await this.#layers.has(id));
      if (isWanted || (!this.#held.has(id) && (await this.#remove(id)))) this.#orphans.delete(id);
    }
  }

  #release(id: Digest): void {
    const count = (this.#held.get(id) ?? 0) - 1;
    if (count > 0) this.#held.set(id, count);
    else this.#held.delete(id);
  }

  async #remove(id: Digest): Promise<boolean> {
    try {
      await this.#layers.remove(id);
      return true;
    } catch (error) {
      if (isTsmachineError(error) && error.code === 'LAYER_IN_USE') return false;
      throw error;
    }
  }
}
