import { formatSubnet, type Subnet, subnetSize } from './ipv4.js';

/**
 * The addresses of one subnet. Its first one is the gateway's. Addresses that were never used come first, in
 * order; a freed one comes back as late as possible, so that what others remember of its last holder (neighbour
 * and connection tracking entries) has gone by then.
 */
export class AddressPool {
  readonly subnet: Subnet;
  readonly gateway: number;
  readonly #taken = new Set<number>();
  /** In the order they were freed. A set, because an address may be claimed out of order. */
  readonly #freed = new Set<number>();
  #next: number;
  readonly #last: number;

  /** The subnet must have room for a gateway and a container (prefix length 30 or shorter). */
  constructor(subnet: Subnet) {
    if (subnet.prefixLength > 30) throw new RangeError(`no room in ${formatSubnet(subnet)}`);
    this.subnet = subnet;
    this.gateway = subnet.base + 1;
    this.#next = subnet.base + 2;
    this.#last = subnet.base + subnetSize(subnet) - 2;
  }

  /** Undefined when all are taken. */
  allocate(): number | undefined {
    while (this.#next <= this.#last) {
      const address = this.#next++;
      if (this.claim(address)) return address;
    }
    for (const address of this.#freed) if (this.claim(address)) return address;
    return undefined;
  }

  /** Takes this very address; false when somebody has it, or it cannot be a container's. */
  claim(address: number): boolean {
    if (address <= this.gateway || address > this.#last || this.#taken.has(address)) return false;
    this.#taken.add(address);
    this.#freed.delete(address);
    return true;
  }

  /** Succeeds when nobody has it. */
  release(address: number): void {
    if (this.#taken.delete(address) && address < this.#next) this.#freed.add(address);
  }
}
