import { type Address, type Subnet, subnetContains, subnetSize } from './ip.js';

export interface AddressPoolOptions {
  readonly subnet: Subnet;
  /** Where to choose from; all of the subnet when absent. Any address of the subnet can be claimed. */
  readonly range?: Subnet | undefined;
  /** The gateway and Docker's auxiliary addresses: never given. */
  readonly reserved: readonly bigint[];
}

/**
 * The addresses of one subnet. Addresses that were never used come first, in order; a freed one comes back as late
 * as possible, so that what others remember of its last holder (neighbour and connection tracking entries) has
 * gone by then.
 */
export class AddressPool {
  readonly subnet: Subnet;
  readonly #reserved: ReadonlySet<bigint>;
  readonly #taken = new Set<bigint>();
  /** In the order they were freed. A set, because an address may be claimed out of order. */
  readonly #freed = new Set<bigint>();
  #next: bigint;
  readonly #last: bigint;

  constructor({ subnet, range = subnet, reserved }: AddressPoolOptions) {
    this.subnet = subnet;
    this.#reserved = new Set(reserved);
    this.#next = range.base;
    this.#last = range.base + subnetSize(range) - 1n;
  }

  /** Undefined when all are taken. */
  allocate(): bigint | undefined {
    while (this.#next <= this.#last) {
      const address = this.#next++;
      if (this.claim(address)) return address;
    }
    for (const address of this.#freed) if (this.claim(address)) return address;
    return undefined;
  }

  /** Takes this very address; false when somebody has it, or it cannot be a container's. */
  claim(value: bigint): boolean {
    if (!this.#isUsable({ family: this.subnet.family, value }) || this.#taken.has(value)) return false;
    this.#taken.add(value);
    this.#freed.delete(value);
    return true;
  }

  /** Succeeds when nobody has it. */
  release(value: bigint): void {
    if (this.#taken.delete(value) && value < this.#next) this.#freed.add(value);
  }

  /** Neither the network's address nor, with IPv4, the broadcast one, where the subnet has room for them. */
  #isUsable(address: Address): boolean {
    const { base, family } = this.subnet;
    const size = subnetSize(this.subnet);
    if (!subnetContains(this.subnet, address) || this.#reserved.has(address.value)) return false;
    if (size <= 2n) return true;
    return address.value !== base && (family === 6 || address.value !== base + size - 1n);
  }
}
