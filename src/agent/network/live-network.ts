import { type LinkOptions, readLinkOptions } from './bridge-options.js';
import type { PlannedLink } from './container-links.js';
import { networkIsTemplate } from './errors.js';
import { type Family, parseSubnet } from './ip.js';
import type { BridgeLink } from './ip-command.js';
import type { Endpoint, NetworkInfo } from './network.js';
import { NetworkPools } from './network-pools.js';
import type { RulesetNetwork } from './nft-ruleset.js';

/** A network with what follows from its record. */
export class LiveNetwork {
  readonly info: NetworkInfo;
  readonly options: LinkOptions;
  readonly pools: NetworkPools;

  /** Throws OPTION_INVALID, OPTION_UNSUPPORTED. */
  constructor(info: NetworkInfo) {
    this.info = info;
    this.options = readLinkOptions(info.options);
    this.pools = new NetworkPools(info);
  }

  /** Whether the world can be reached through it. */
  get leadsOut(): boolean {
    return !this.info.internal && this.info.driver !== 'null';
  }

  /** Whether ports can be published through it. */
  get publishes(): boolean {
    return this.info.driver === 'bridge' && this.leadsOut;
  }

  /** Whether containers are published under their own addresses. */
  routes(family: Family): boolean {
    return this.options.gatewayMode[family] === 'routed';
  }

  /** The gateway's address; "" where there is none. */
  gateway(family: Family): string {
    return this.#block(family)?.gateway ?? '';
  }

  get bridge(): BridgeLink {
    const gateways = this.info.blocks.flatMap(({ gateway, subnet }) => {
      const { family, prefixLength } = parseSubnet(subnet);
      const inhibited = family === 4 && this.options.inhibitIpv4;
      return gateway && !inhibited ? [`${gateway}/${prefixLength}`] : [];
    });
    return { name: this.info.bridge, gateways, mtu: this.options.mtu };
  }

  get rules(): RulesetNetwork {
    const { internal, bridge, blocks } = this.info;
    const { icc, masquerade, gatewayMode, hostAddress } = this.options;
    const subnets = (family: Family) =>
      blocks.map(({ subnet }) => subnet).filter((subnet) => parseSubnet(subnet).family === family);
    return {
      ...{ bridge, internal, icc, masquerade, gatewayMode, hostAddress },
      subnets: { 4: subnets(4), 6: subnets(6) },
    };
  }

  plan(endpoint: Endpoint): PlannedLink {
    const { driver } = this.info;
    const { mtu, icc, mode } = this.options;
    if (driver === 'null') throw networkIsTemplate(this.info.name);
    if (driver === 'bridge') return { driver, endpoint, mtu, icc, bridge: this.bridge };
    return { driver, endpoint, mtu, mode, parent: this.options.parent ?? '' };
  }

  #block(family: Family) {
    return this.info.blocks.find(({ subnet }) => parseSubnet(subnet).family === family);
  }
}
