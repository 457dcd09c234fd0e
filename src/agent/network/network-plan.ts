import { readLinkOptions } from './bridge-options.js';
import { networkExists, optionInvalid, poolOverlaps } from './errors.js';
import {
  type Family,
  formatAddress,
  formatSubnet,
  parseAddress,
  parseSubnet,
  type Subnet,
  subnetContains,
  subnetSize,
  subnetsOverlap,
} from './ip.js';
import { bridgeNameOf } from './link-names.js';
import type { AddressBlock, NetworkInfo, NetworkSpec } from './network.js';
import { chooseSubnet, type DefaultPool, type Route, uniqueLocalSubnet } from './subnet-choice.js';

export interface PlanFacts {
  readonly networks: readonly NetworkInfo[];
  readonly routes: readonly Route[];
  readonly pools: readonly DefaultPool[];
}

/**
 * Makes a network of what was asked: checks names, options and blocks, and fills in subnets and gateways. Changes
 * nothing. Throws as `Networks.create` does.
 */
export function planNetwork(
  spec: NetworkSpec,
  identity: { readonly id: string; readonly created: string },
  facts: PlanFacts,
): NetworkInfo {
  if (facts.networks.some(({ name }) => name === spec.name)) throw networkExists(spec.name);
  const options = readLinkOptions(spec.driver === 'plugin' ? {} : spec.options);
  if (spec.driver === 'null') return { ...spec, ...identity, bridge: '', predefined: false };
  if (!spec.enableIpv4 && !spec.enableIpv6) throw optionInvalid('IPv4 or IPv6 must be enabled');
  const isIsolated = (family: Family) => options.gatewayMode[family] === 'isolated';
  if (!spec.internal && ([4, 6] as const).some(isIsolated)) {
    throw optionInvalid("gateway mode 'isolated' can only be used for an internal network");
  }
  const bridge = spec.driver === 'bridge' ? (options.bridgeName ?? bridgeNameOf(identity.id)) : '';
  const blocks = spec.ipamDriver === 'null' ? [] : completeBlocks(spec, identity.id, facts, isIsolated);
  return { ...spec, ...identity, blocks, bridge, predefined: false };
}

/** No block of an isolated family has a gateway, unless the user names one. */
function completeBlocks(
  spec: NetworkSpec,
  id: string,
  facts: PlanFacts,
  isIsolated: (family: Family) => boolean,
): readonly AddressBlock[] {
  const made = facts.networks.filter(({ driver }) => driver !== 'null');
  const used = made.flatMap(({ blocks }) => blocks.map(({ subnet }) => parseSubnet(subnet)));
  const routed = facts.routes.map(({ subnet }) => subnet);
  const given = spec.blocks.map((block) => completeBlock(block, isIsolated));
  const chosen = given.map(({ subnet }) => parseSubnet(subnet));
  checkOverlaps(chosen, [...used, ...forbiddenRoutes(spec, facts.routes)]);
  if (chosen.some(({ family }) => family === 6) && !spec.enableIpv6) {
    throw optionInvalid('IPv6 is not enabled on this network: an IPv6 subnet needs EnableIPv6');
  }
  if (chosen.some(({ family }) => family === 4) && !spec.enableIpv4) {
    throw optionInvalid('IPv4 is not enabled on this network: an IPv4 subnet needs EnableIPv4');
  }
  const lacks = (family: Family) => !chosen.some((subnet) => subnet.family === family);
  const missing = [
    ...(spec.enableIpv4 && lacks(4) ? [chooseSubnet([...used, ...routed], facts.pools)] : []),
    ...(spec.enableIpv6 && lacks(6) ? [uniqueLocalSubnet(id)] : []),
  ];
  return [...given, ...missing.map((subnet) => completeBlock({ subnet: formatSubnet(subnet) }, isIsolated))];
}

/** macvlan and ipvlan share the network that their parent is on. */
function forbiddenRoutes({ driver }: NetworkSpec, routes: readonly Route[]): readonly Subnet[] {
  return driver === 'bridge' ? routes.filter(({ connected }) => connected).map(({ subnet }) => subnet) : [];
}

function checkOverlaps(chosen: readonly Subnet[], others: readonly Subnet[]): void {
  for (const [at, subnet] of chosen.entries()) {
    if ([...others, ...chosen.slice(at + 1)].some((other) => subnetsOverlap(subnet, other))) {
      throw poolOverlaps();
    }
  }
}

/** moby, api/types/network/ipam.go: the words of ValidateIPAM. */
function completeBlock(block: AddressBlock, isIsolated: (family: Family) => boolean): AddressBlock {
  const subnet = parseSubnet(block.subnet);
  if (formatSubnet(subnet) !== block.subnet && spelledOut(block.subnet) !== formatSubnet(subnet)) {
    throw ipam(`invalid subnet ${block.subnet}: it should be ${formatSubnet(subnet)}`);
  }
  const inside = (text: string, what: string) => {
    const address = parseAddress(text);
    if (!address) throw ipam(`invalid ${what} ${text}: ParseAddr("${text}"): unable to parse IP`);
    if (!subnetContains(subnet, address)) {
      throw ipam(
        `invalid ${what} ${text}: parent subnet ${formatSubnet(subnet)} doesn't contain this address`,
      );
    }
    return formatAddress(address);
  };
  if (block.ipRange) checkRange(block.ipRange, subnet);
  const needsGateway = !block.gateway && !isIsolated(subnet.family);
  if (needsGateway && subnetSize(subnet) < 4n) {
    throw ipam(`invalid subnet ${block.subnet}: it has no room for a gateway and a container`);
  }
  const gateway = needsGateway
    ? formatAddress({ family: subnet.family, value: firstOf(block, subnet) + 1n })
    : block.gateway && inside(block.gateway, 'gateway');
  const auxiliary = Object.entries(block.auxiliaryAddresses ?? {});
  return {
    ...{ subnet: formatSubnet(subnet), ...(block.poolId !== undefined && { poolId: block.poolId }) },
    ...(block.ipRange && { ipRange: formatSubnet(parseSubnet(block.ipRange)) }),
    ...(gateway && { gateway }),
    ...(auxiliary.length > 0 && {
      auxiliaryAddresses: Object.fromEntries(
        auxiliary.map(([name, address]) => [name, inside(address, 'auxiliary address')]),
      ),
    }),
  };
}

/** dockerd takes the gateway out of the range, where there is one. */
function firstOf({ ipRange }: AddressBlock, subnet: Subnet): bigint {
  if (!ipRange) return subnet.base;
  const { base } = parseSubnet(ipRange);
  return base === subnet.base ? subnet.base : base - 1n;
}

function checkRange(text: string, subnet: Subnet): void {
  const range = parseSubnet(text);
  const isInside = subnetContains(subnet, { family: range.family, value: range.base });
  if (!isInside || range.prefixLength < subnet.prefixLength) {
    throw ipam(`invalid ip-range ${text}: parent subnet ${formatSubnet(subnet)} doesn't contain ip-range`);
  }
}

/** "FD00:0::/64" is the same block as "fd00::/64". */
function spelledOut(text: string): string {
  const [address = '', length = ''] = text.split('/');
  const parsed = parseAddress(address);
  return parsed ? `${formatAddress(parsed)}/${Number(length)}` : text;
}

function ipam(reason: string) {
  return optionInvalid(`invalid network config:\n${reason}`);
}
