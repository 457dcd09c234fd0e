import type { Plugins } from '../plugin/plugins.js';
import { type LinkOptions, readLinkOptions } from './bridge-options.js';
import type { PlannedLink } from './container-links.js';
import { networkIsTemplate } from './errors.js';
import { type Family, parseSubnet } from './ip.js';
import type { BridgeLink } from './ip-command.js';
import type { Endpoint, NetworkInfo, NetworkSpec } from './network.js';
import { type AddressPools, NetworkPools } from './network-pools.js';
import type { RulesetNetwork } from './nft-ruleset.js';
import { RemoteDriver } from './remote/remote-driver.js';
import { RemoteIpam } from './remote/remote-ipam.js';
import { RemotePools } from './remote/remote-pools.js';

/** A network with what follows from its record. */
export class LiveNetwork {
  readonly info: NetworkInfo;
  readonly options: LinkOptions;
  readonly pools: AddressPools;
  /** Of a network whose driver is a program of a third party. */
  readonly remote: RemoteDriver | undefined;
  /** Of one whose addresses come from a third party. */
  readonly ipam: RemoteIpam | undefined;

  /** Throws OPTION_INVALID, OPTION_UNSUPPORTED. */
  constructor(info: NetworkInfo, plugins: Plugins) {
    this.info = info;
    this.options = info.driver === 'plugin' ? readLinkOptions({}) : readLinkOptions(info.options);
    this.remote = info.pluginDriver === undefined ? undefined : new RemoteDriver(plugins, info.pluginDriver);
    this.ipam = remoteIpam(info, plugins);
    this.pools = this.ipam ? new RemotePools(info, this.ipam) : new NetworkPools(info);
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

  /** Whether its containers reach of each other only what links name. */
  get keepsApart(): boolean {
    return this.info.driver === 'bridge' && !this.options.icc;
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
    return { name: this.info.bridge, gateways, mtu: this.options.mtu, apart: !this.options.icc };
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
    if (driver === 'plugin') return { driver, endpoint, mtu };
    return { driver, endpoint, mtu, mode, parent: this.options.parent ?? '' };
  }

  #block(family: Family) {
    return this.info.blocks.find(({ subnet }) => parseSubnet(subnet).family === family);
  }
}

/** Undefined where addresses are chosen here, or not at all. */
export function remoteIpam({ ipamDriver }: NetworkSpec, plugins: Plugins): RemoteIpam | undefined {
  return ipamDriver === undefined || ipamDriver === 'null' ? undefined : new RemoteIpam(plugins, ipamDriver);
}
