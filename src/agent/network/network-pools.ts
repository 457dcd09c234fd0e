import { addressesExhausted, addressTaken, noSubnetContains } from './errors.js';
import { type Family, formatAddress, parseAddress, parseSubnet, subnetContains } from './ip.js';
import { AddressPool } from './ipam.js';
import type { Attachment, NetworkInfo } from './network.js';

export interface TakenAddresses {
  readonly address: string;
  readonly prefixLength: number;
  readonly address6: string;
  readonly prefixLength6: number;
  /** Where the one that gives addresses has a say in it. */
  readonly macAddress?: string;
}

export interface AddressPools {
  /** Whether anybody has an address, also one who is about to start. */
  readonly isUsed: boolean;
  /** Throws ADDRESSES_EXHAUSTED, ADDRESS_TAKEN, OPTION_INVALID, PLUGIN_FAILED; then nothing is taken. */
  take(asked: Attachment): TakenAddresses | Promise<TakenAddresses>;
  /** Takes exactly these, of an earlier run; false when they are not free. */
  adopt(taken: { readonly address: string; readonly address6: string }): boolean;
  /** To be called once for each `take`. */
  release(taken: { readonly address: string; readonly address6: string }): void | Promise<void>;
}

/** Who has which addresses of one network. */
export class NetworkPools implements AddressPools {
  readonly #network: NetworkInfo;
  readonly #pools: readonly AddressPool[];
  #holders = 0;

  constructor(network: NetworkInfo) {
    this.#network = network;
    this.#pools = network.blocks.map((block) => {
      const reserved = [block.gateway, ...Object.values(block.auxiliaryAddresses ?? {})];
      return new AddressPool({
        subnet: parseSubnet(block.subnet),
        range: block.ipRange ? parseSubnet(block.ipRange) : undefined,
        reserved: reserved.flatMap((text) => parseAddress(text ?? '')?.value ?? []),
      });
    });
  }

  /** Whether anybody has an address, also one who is about to start. */
  get isUsed(): boolean {
    return this.#holders > 0;
  }

  /** Throws ADDRESSES_EXHAUSTED, ADDRESS_TAKEN, OPTION_INVALID; then nothing is taken. */
  take({ address, address6 }: Pick<Attachment, 'address' | 'address6'>): TakenAddresses {
    const four = this.#takeOne(4, address);
    try {
      const six = this.#takeOne(6, address6);
      this.#holders++;
      return {
        address: four.text,
        prefixLength: four.prefixLength,
        address6: six.text,
        prefixLength6: six.prefixLength,
      };
    } catch (error) {
      this.#releaseOne(four.text);
      throw error;
    }
  }

  /** Takes exactly these, of an earlier run; false when they are not free. */
  adopt({ address, address6 }: { readonly address: string; readonly address6: string }): boolean {
    if (address !== '' && !this.#claim(address)) return false;
    if (address6 !== '' && !this.#claim(address6)) {
      this.#releaseOne(address);
      return false;
    }
    this.#holders++;
    return true;
  }

  /** To be called once for each `take`. */
  release({ address, address6 }: { readonly address: string; readonly address6: string }): void {
    this.#holders--;
    this.#releaseOne(address);
    this.#releaseOne(address6);
  }

  #takeOne(family: Family, asked: string | undefined) {
    const pools = this.#pools.filter(({ subnet }) => subnet.family === family);
    if (asked) return this.#takeAsked(asked);
    for (const pool of pools) {
      const value = pool.allocate();
      if (value !== undefined) {
        return { text: formatAddress({ family, value }), prefixLength: pool.subnet.prefixLength };
      }
    }
    if (pools.length > 0) throw addressesExhausted(this.#network.name, this.#network.id, family);
    return { text: '', prefixLength: 0 };
  }

  #takeAsked(text: string) {
    const pool = this.#poolOf(text);
    const address = parseAddress(text);
    if (!pool || !address) throw noSubnetContains(text);
    if (!pool.claim(address.value)) throw addressTaken();
    return { text: formatAddress(address), prefixLength: pool.subnet.prefixLength };
  }

  #claim(text: string): boolean {
    const address = parseAddress(text);
    return address !== undefined && this.#poolOf(text)?.claim(address.value) === true;
  }

  #releaseOne(text: string): void {
    const address = parseAddress(text);
    if (address) this.#poolOf(text)?.release(address.value);
  }

  #poolOf(text: string): AddressPool | undefined {
    const address = parseAddress(text);
    return address && this.#pools.find(({ subnet }) => subnetContains(subnet, address));
  }
}
