import { isJsonObject, type JsonObject } from '../../../shared/json.js';
import { UndoStack } from '../../../shared/undo-stack.js';
import { pluginFailed } from '../../plugin/errors.js';
import type { Plugins } from '../../plugin/plugins.js';
import type { AddressBlock, NetworkSpec } from '../network.js';

const requestType = 'RequestAddressType';
const gatewayRequest = 'com.docker.network.gateway';

/** Address managers of third parties, by libnetwork's remote IPAM protocol (moby, libnetwork/docs/ipam.md). */
export class RemoteIpam {
  readonly #plugins: Plugins;
  readonly #name: string;

  constructor(plugins: Plugins, name: string) {
    this.#plugins = plugins;
    this.#name = name;
  }

  /** The blocks of a network that is made, with the pools' IDs and gateways; when it throws none is held. */
  async requestBlocks(spec: NetworkSpec): Promise<readonly AddressBlock[]> {
    await using undo = new UndoStack();
    const { LocalDefaultAddressSpace } = await this.#call('GetDefaultAddressSpaces', {});
    const space = String(LocalDefaultAddressSpace ?? '');
    const blocks: AddressBlock[] = [];
    for (const wanted of wantedBlocks(spec)) {
      const pool = await this.#requestPool(space, wanted, spec.ipamOptions);
      undo.push(() => this.#releasePool(pool.id));
      blocks.push(await this.#fill(pool, wanted));
    }
    undo.commit();
    return blocks;
  }

  /** Tries all, then throws the first failure. */
  async releaseBlocks(blocks: readonly AddressBlock[]): Promise<void> {
    await using undo = new UndoStack();
    for (const { poolId, gateway, auxiliaryAddresses } of blocks) {
      if (poolId === undefined) continue;
      undo.push(() => this.#releasePool(poolId));
      for (const address of [gateway, ...Object.values(auxiliaryAddresses ?? {})]) {
        if (address) undo.push(() => this.releaseAddress(poolId, address));
      }
    }
  }

  /** With the prefix length: "10.0.0.5/24". */
  async requestAddress(poolId: string, address: string, options: JsonObject): Promise<string> {
    const answer = await this.#call('RequestAddress', { PoolID: poolId, Address: address, Options: options });
    if (typeof answer['Address'] !== 'string' || !answer['Address'].includes('/')) {
      throw pluginFailed(`IPAM driver ${this.#name} returned no IP address`);
    }
    return answer['Address'];
  }

  async releaseAddress(poolId: string, address: string): Promise<void> {
    await this.#call('ReleaseAddress', { PoolID: poolId, Address: address });
  }

  /** Whether it wants to know the MAC address of every container. Older ones do not tell. */
  async requiresMacAddress(): Promise<boolean> {
    const { RequiresMACAddress } = await this.#call('GetCapabilities', {}).catch((): JsonObject => ({}));
    return RequiresMACAddress === true;
  }

  async #requestPool(space: string, { block, family }: Wanted, options: Readonly<Record<string, string>>) {
    const answer = await this.#call('RequestPool', {
      ...{ AddressSpace: space, Pool: block?.subnet ?? '', SubPool: block?.ipRange ?? '' },
      ...{ Options: options, V6: family === 6 },
    });
    const { PoolID, Pool, Data } = answer;
    if (typeof PoolID !== 'string' || typeof Pool !== 'string') {
      throw pluginFailed(`IPAM driver ${this.#name} returned no address pool`);
    }
    return { id: PoolID, subnet: Pool, data: isJsonObject(Data) ? Data : {} };
  }

  async #fill(
    pool: { readonly id: string; readonly subnet: string; readonly data: JsonObject },
    { block }: Wanted,
  ): Promise<AddressBlock> {
    const offered = pool.data[gatewayRequest];
    const gateway =
      block?.gateway === undefined && typeof offered === 'string'
        ? offered
        : await this.requestAddress(pool.id, block?.gateway ?? '', { [requestType]: gatewayRequest });
    for (const address of Object.values(block?.auxiliaryAddresses ?? {})) {
      await this.requestAddress(pool.id, address, {});
    }
    return { ...block, subnet: pool.subnet, gateway: gateway.split('/')[0] ?? '', poolId: pool.id };
  }

  async #releasePool(poolId: string): Promise<void> {
    await this.#call('ReleasePool', { PoolID: poolId });
  }

  async #call(method: string, body: object): Promise<JsonObject> {
    return this.#plugins.call(this.#name, 'IpamDriver', method, body);
  }
}

interface Wanted {
  readonly block: AddressBlock | undefined;
  readonly family: 4 | 6;
}

/** What the user names, and one pool of each family that is enabled and not named. */
function wantedBlocks({ blocks, enableIpv4, enableIpv6 }: NetworkSpec): readonly Wanted[] {
  const familyOf = ({ subnet }: AddressBlock): 4 | 6 => (subnet.includes(':') ? 6 : 4);
  const named = blocks.map((block) => ({ block, family: familyOf(block) }));
  const lacks = (family: 4 | 6) => !named.some((each) => each.family === family);
  return [
    ...named,
    ...(enableIpv4 && lacks(4) ? [{ block: undefined, family: 4 as const }] : []),
    ...(enableIpv6 && lacks(6) ? [{ block: undefined, family: 6 as const }] : []),
  ];
}
