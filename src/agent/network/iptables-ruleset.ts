import type { Family } from './ip.js';
import type { Publication, RulesetNetwork } from './nft-ruleset.js';

/** Text for iptables-restore(8); nothing here runs anything. What it does is what `nft-ruleset.ts` says. */

export type IptablesTableName = 'raw' | 'nat' | 'filter';

export interface Chain {
  readonly name: string;
  /** Without "-A NAME". */
  readonly rules: readonly string[];
}

/** "CHAIN RULE" of the kernel's own chains, as iptables-save writes them. */
export function jumps(table: IptablesTableName): readonly string[] {
  switch (table) {
    case 'raw':
      return ['PREROUTING -j TSMACHINE-GUARD'];
    case 'nat':
      return [
        'PREROUTING -m addrtype --dst-type LOCAL -j TSMACHINE-IN',
        'OUTPUT -m addrtype --dst-type LOCAL -j TSMACHINE-OUT',
        'POSTROUTING -j TSMACHINE-POST',
      ];
    case 'filter':
      return ['FORWARD -j TSMACHINE-FORWARD'];
  }
}

/** Where administrators have their own rules, as with Docker Engine: made where it is missing, else left as it is. */
export const userChain = 'DOCKER-USER';

/** In an order in which they can be deleted one after the other. */
export function ourChains(table: IptablesTableName): readonly string[] {
  return chainsOf(4, table, [], []).map(({ name }) => name);
}

/** Our chains of a table, whole. */
export function chainsOf(
  family: Family,
  table: IptablesTableName,
  networks: readonly RulesetNetwork[],
  publications: readonly Publication[],
): readonly Chain[] {
  const loopback = family === 4 ? '127.0.0.0/8' : '::1/128';
  switch (table) {
    case 'raw':
      return [{ name: 'TSMACHINE-GUARD', rules: guards(loopback, networks) }];
    case 'nat':
      return [
        { name: 'TSMACHINE-IN', rules: [`! -d ${loopback} -j TSMACHINE-PORTS`] },
        {
          name: 'TSMACHINE-OUT',
          rules: [family === 4 ? '-j TSMACHINE-PORTS' : `! -d ${loopback} -j TSMACHINE-PORTS`],
        },
        {
          name: 'TSMACHINE-PORTS',
          rules: publications
            .filter(({ routed, linkedTo }) => !routed && !linkedTo)
            .sort(precise)
            .map(translation),
        },
        { name: 'TSMACHINE-POST', rules: networks.flatMap((network) => sources(family, network, loopback)) },
      ];
    case 'filter':
      return [
        {
          name: 'TSMACHINE-FORWARD',
          rules: [`-j ${userChain}`, ...forwarding(family, networks, publications)],
        },
        {
          name: 'TSMACHINE-FROM',
          rules: [...networks.map(({ bridge }) => `-o ${bridge} -j DROP`), '-j ACCEPT'],
        },
      ];
  }
}

function guards(loopback: string, networks: readonly RulesetNetwork[]): readonly string[] {
  return networks.flatMap(({ bridge }) => [
    `-d ${loopback} -i ${bridge} -j DROP`,
    `-s ${loopback} -i ${bridge} -j DROP`,
  ]);
}

/** A port of one address comes before the same port of all. */
function precise(a: Publication, b: Publication): number {
  return Number(isWildcard(a)) - Number(isWildcard(b));
}

function isWildcard({ hostAddress }: Publication): boolean {
  return hostAddress === '0.0.0.0' || hostAddress === '::';
}

function translation(one: Publication): string {
  const { protocol, hostAddress, hostPort, address, containerPort } = one;
  const target = address.includes(':') ? `[${address}]:${containerPort}` : `${address}:${containerPort}`;
  const destination = isWildcard(one) ? '' : `-d ${hostAddress} `;
  return `${destination}-p ${protocol} -m ${protocol} --dport ${hostPort} -j DNAT --to-destination ${target}`;
}

function sources(family: Family, network: RulesetNetwork, loopback: string): readonly string[] {
  const { bridge, subnets, internal, masquerade, gatewayMode, hostAddress } = network;
  const translates = masquerade && !internal && gatewayMode[family] !== 'routed';
  const source = hostAddress[family] ? `SNAT --to-source ${hostAddress[family]}` : 'MASQUERADE';
  return [
    ...subnets[family].flatMap((subnet) => [
      ...(translates ? [`-s ${subnet} ! -o ${bridge} -j ${source}`] : []),
      `-s ${subnet} -o ${bridge} -m conntrack --ctstate DNAT -j MASQUERADE`,
    ]),
    ...(family === 4 ? [`-s ${loopback} -o ${bridge} -j MASQUERADE`] : []),
  ];
}

function forwarding(
  family: Family,
  networks: readonly RulesetNetwork[],
  publications: readonly Publication[],
): readonly string[] {
  const internal = networks.filter((network) => network.internal);
  const inMode = (mode: string) =>
    networks.filter((network) => network.gatewayMode[family] === mode && !network.internal);
  const icmp = family === 4 ? 'icmp' : 'ipv6-icmp';
  return [
    ...internal.flatMap(({ bridge }) => [
      `-i ${bridge} ! -o ${bridge} -j DROP`,
      `! -i ${bridge} -o ${bridge} -j DROP`,
    ]),
    ...networks.flatMap(({ bridge }) => [
      `-o ${bridge} -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT`,
      `-o ${bridge} -m conntrack --ctstate DNAT -j ACCEPT`,
    ]),
    ...publications
      .filter(({ routed }) => routed)
      .map(
        (one) =>
          `-d ${one.address} -p ${one.protocol} -m ${one.protocol} --dport ${one.containerPort} -j ACCEPT`,
      ),
    ...publications.flatMap(({ linkedTo, address, protocol, containerPort }) =>
      linkedTo === undefined
        ? []
        : [`-s ${linkedTo} -d ${address} -p ${protocol} -m ${protocol} --dport ${containerPort} -j ACCEPT`],
    ),
    ...networks.map(({ bridge, icc }) => `-i ${bridge} -o ${bridge} -j ${icc ? 'ACCEPT' : 'DROP'}`),
    ...networks.map(({ bridge }) => `-i ${bridge} -j TSMACHINE-FROM`),
    ...inMode('nat-unprotected').map(({ bridge }) => `-o ${bridge} -j ACCEPT`),
    ...inMode('routed').map(({ bridge }) => `-o ${bridge} -p ${icmp} -j ACCEPT`),
    ...networks.map(({ bridge }) => `-o ${bridge} -j DROP`),
  ];
}
