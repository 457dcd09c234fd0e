import { addressBytes } from '../../shared/ip-address.js';
import type { NamedEndpoint } from './directory.js';
import { encodeName } from './message.js';

/** The names of one network, made for look-ups. */
export class NameIndex {
  readonly #names = new Map<string, Addresses>();
  readonly #reverse = new Map<string, Buffer>();

  constructor(networkName: string, endpoints: readonly NamedEndpoint[]) {
    for (const endpoint of endpoints) {
      const names = new Set([endpoint.containerName, ...endpoint.aliases].map((name) => name.toLowerCase()));
      const fullName = encodeName(`${endpoint.containerName}.${networkName}`);
      for (const address of endpoint.addresses.map(addressBytes)) {
        for (const name of names) this.#entry(name).add(address);
        this.#reverse.set(reverseName(address), fullName);
      }
      for (const name of names) this.#entry(name); // known, even without an address
    }
  }

  addresses(name: string): Addresses | undefined {
    return this.#names.get(name);
  }

  /** The encoded name for "4.3.2.1.in-addr.arpa". */
  nameOf(reverse: string): Buffer | undefined {
    return this.#reverse.get(reverse);
  }

  #entry(name: string): Addresses {
    const known = this.#names.get(name);
    if (known) return known;
    const entry = new Addresses();
    this.#names.set(name, entry);
    return entry;
  }
}

/** The addresses that share a name; each look-up begins with the next one. */
export class Addresses {
  readonly #ipv4: Buffer[] = [];
  readonly #ipv6: Buffer[] = [];
  #turn = 0;

  add(address: Buffer): void {
    (address.length === 4 ? this.#ipv4 : this.#ipv6).push(address);
  }

  next(family: 4 | 6): readonly Buffer[] {
    const all = family === 4 ? this.#ipv4 : this.#ipv6;
    if (all.length < 2) return all;
    const first = this.#turn++ % all.length;
    return [...all.slice(first), ...all.slice(0, first)];
  }
}

function reverseName(address: Buffer): string {
  if (address.length === 4) return `${[...address].reverse().join('.')}.in-addr.arpa`;
  return `${[...address.toString('hex')].reverse().join('.')}.ip6.arpa`;
}
