import { randomId } from '../../../shared/identifiers.js';
import { addressTaken, noSubnetContains } from '../errors.js';
import { type Family, parseAddress, parseSubnet, subnetContains } from '../ip.js';
import type { AddressBlock, Attachment, NetworkInfo } from '../network.js';
import type { AddressPools, TakenAddresses } from '../network-pools.js';
import type { RemoteIpam } from './remote-ipam.js';

const macOption = 'com.docker.network.endpoint.macaddress';

/** Addresses of a network that a third party's address manager gives. */
export class RemotePools implements AddressPools {
  readonly #network: NetworkInfo;
  readonly #ipam: RemoteIpam;
  #requiresMac: Promise<boolean> | undefined;
  readonly #taken = new Set<string>();
  #holders = 0;

  constructor(network: NetworkInfo, ipam: RemoteIpam) {
    this.#network = network;
    this.#ipam = ipam;
  }

  get isUsed(): boolean {
    return this.#holders > 0;
  }

  async take(attachment: Attachment): Promise<TakenAddresses> {
    this.#holders++;
    let four = none;
    try {
      const mac = attachment.macAddress ?? ((await this.#wantsMac()) ? randomMac() : undefined);
      four = await this.#takeOne(4, attachment.address, mac);
      const six = await this.#takeOne(6, attachment.address6, mac);
      return {
        ...{ address: four.address, prefixLength: four.length },
        ...{ address6: six.address, prefixLength6: six.length },
        ...(mac !== undefined && { macAddress: mac }),
      };
    } catch (error) {
      await this.release({ address: four.address, address6: '' });
      throw error;
    }
  }

  adopt({ address, address6 }: { readonly address: string; readonly address6: string }): boolean {
    this.#holders++;
    for (const each of [address, address6]) if (each !== '') this.#taken.add(each);
    return true;
  }

  async release(taken: { readonly address: string; readonly address6: string }): Promise<void> {
    this.#holders--;
    for (const address of [taken.address, taken.address6]) {
      const poolId = address === '' ? undefined : this.#blockOf(address)?.poolId;
      if (this.#taken.delete(address) && poolId !== undefined)
        await this.#ipam.releaseAddress(poolId, address);
    }
  }

  async #takeOne(family: Family, asked: string | undefined, mac: string | undefined) {
    const block = asked ? this.#blockOf(asked) : this.#blocks(family)[0];
    if (asked && !block) throw noSubnetContains(asked);
    if (!block?.poolId) return none;
    const given = await this.#ipam.requestAddress(block.poolId, asked ?? '', mac ? { [macOption]: mac } : {});
    const [address = '', length] = given.split('/');
    if (this.#taken.has(address)) throw addressTaken();
    this.#taken.add(address);
    return { address, length: Number(length) };
  }

  #blocks(family: Family): readonly AddressBlock[] {
    return this.#network.blocks.filter(({ subnet }) => parseSubnet(subnet).family === family);
  }

  #blockOf(text: string): AddressBlock | undefined {
    const address = parseAddress(text);
    return address && this.#network.blocks.find(({ subnet }) => subnetContains(parseSubnet(subnet), address));
  }

  #wantsMac(): Promise<boolean> {
    this.#requiresMac ??= this.#ipam.requiresMacAddress();
    return this.#requiresMac;
  }
}

const none = { address: '', length: 0 };

function randomMac(): string {
  return `02:42:${randomId().slice(0, 8).match(/../g)?.join(':')}`;
}
