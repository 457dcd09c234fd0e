import type { NameDirectory, NamedNetwork } from './directory.js';
import { encodeAnswer, type Query, RecordType } from './message.js';
import { type Addresses, NameIndex } from './name-index.js';

/** Answers from the directory. Its indexes last until `changed` is called. */
export class LocalNames {
  readonly #directory: NameDirectory;
  readonly #networks = new Map<string, readonly NamedNetwork[]>();
  readonly #indexes = new Map<string, NameIndex>();

  constructor(directory: NameDirectory) {
    this.#directory = directory;
  }

  /** Must be called after every change of what the directory tells. */
  changed(): void {
    this.#networks.clear();
    this.#indexes.clear();
  }

  /** Undefined where the question is not ours: then somebody else is asked. */
  answer(containerId: string, query: Query, limit: number): Buffer | undefined {
    if (query.recordClass !== CLASS_IN) return undefined;
    const records = this.#records(containerId, query);
    return records && encodeAnswer(query, records, limit);
  }

  isExternal(containerId: string): boolean {
    return this.#networksOf(containerId).some(({ internal }) => !internal);
  }

  /** A name that is known has an answer for every type of address, if an empty one; as with dockerd also for MX. */
  #records(containerId: string, { name, type }: Query): readonly Buffer[] | undefined {
    if (type === RecordType.A) return this.#find(containerId, name)?.next(4);
    if (type === RecordType.AAAA) return this.#find(containerId, name)?.next(6);
    if (type === RecordType.MX) return this.#find(containerId, name) && [];
    return type === RecordType.PTR ? this.#reverse(containerId, name) : undefined;
  }

  /** "web", or "web.network" to say on which; a name may have dots itself: "a.b.c" may be "a.b" on network "c". */
  #find(containerId: string, name: string): Addresses | undefined {
    const networks = this.#networksOf(containerId);
    let found = this.#findOn(networks, name);
    for (let dot = name.indexOf('.'); dot >= 0 && !found; dot = name.indexOf('.', dot + 1)) {
      const asked = networks.filter((network) => network.name.toLowerCase() === name.slice(dot + 1));
      found = this.#findOn(asked, name.slice(0, dot));
    }
    return found;
  }

  /** Links come first, then the order of networks. */
  #findOn(networks: readonly NamedNetwork[], host: string): Addresses | undefined {
    for (const network of networks) {
      const linked = network.links?.get(host);
      const found = linked === undefined ? undefined : this.#index(network).addresses(linked.toLowerCase());
      if (found) return found;
    }
    for (const network of networks) {
      const found = this.#index(network).addresses(host);
      if (found) return found;
    }
    return undefined;
  }

  #reverse(containerId: string, name: string): readonly Buffer[] | undefined {
    for (const network of this.#networksOf(containerId)) {
      const found = this.#index(network).nameOf(name);
      if (found) return [found];
    }
    return undefined;
  }

  #networksOf(containerId: string): readonly NamedNetwork[] {
    const known = this.#networks.get(containerId);
    if (known) return known;
    const networks = this.#directory.networksOf(containerId);
    this.#networks.set(containerId, networks);
    return networks;
  }

  #index({ id, name }: NamedNetwork): NameIndex {
    const known = this.#indexes.get(id);
    if (known) return known;
    const index = new NameIndex(name, this.#directory.endpointsOn(id));
    this.#indexes.set(id, index);
    return index;
  }
}

const CLASS_IN = 1;
