import type { ObservedContainer } from '../state/observed.js';

export interface KnownContainer {
  readonly machine: string;
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly number: number;
}

/** Which containers there are while a plan is carried out. */
export class ContainerRegistry {
  readonly #containers = new Map<string, KnownContainer>();

  constructor(observed: readonly ObservedContainer[]) {
    for (const { oneOff, machine, id, name, service, number = 0 } of observed) {
      if (!oneOff) this.set({ machine, id, name, service, number });
    }
  }

  set(container: KnownContainer): void {
    this.#containers.set(`${container.machine}/${container.name}`, container);
  }

  delete(machine: string, name: string): void {
    this.#containers.delete(`${machine}/${name}`);
  }

  find(machine: string, name: string): KnownContainer | undefined {
    return this.#containers.get(`${machine}/${name}`);
  }

  /** Of a service, by their numbers. */
  of(service: string): readonly KnownContainer[] {
    return [...this.#containers.values()]
      .filter((container) => container.service === service)
      .toSorted((left, right) => left.number - right.number);
  }
}
