import { BlockList, isIP } from 'node:net';
import type { IpamPool } from '../../api/client/networks.js';
import { flagInvalid } from './errors.js';
import { parseKeyValues } from './key-values.js';

export interface PoolFlags {
  readonly subnets: readonly string[];
  readonly gateways: readonly string[];
  readonly ranges: readonly string[];
  readonly auxiliary: readonly string[];
}

/** One pool for each subnet, with the gateway, range and reserved addresses that lie in it. Throws FLAG_INVALID. */
export function ipamPools(flags: PoolFlags): readonly IpamPool[] {
  const subnets = flags.subnets.map((text) => ({ text, block: blockOf(text) }));
  const place = (flag: string, text: string, address: string): string => {
    const found = subnets.find(({ block }) => block.check(address, familyOf(address)));
    if (!found) throw flagInvalid(flag, text, 'no --subnet contains it');
    return found.text;
  };
  const gateways = flags.gateways.map((ip) => [place('--gateway', ip, ip), ip] as const);
  const ranges = flags.ranges.map(
    (range) => [place('--ip-range', range, range.split('/')[0] ?? ''), range] as const,
  );
  const auxiliary = Object.entries(parseKeyValues('--aux-address', flags.auxiliary)).map(
    ([name, ip]) => [place('--aux-address', `${name}=${ip}`, ip), name, ip] as const,
  );
  return subnets.map(({ text }) => {
    const gateway = gateways.find(([subnet]) => subnet === text)?.[1];
    const range = ranges.find(([subnet]) => subnet === text)?.[1];
    const reserved = auxiliary.filter(([subnet]) => subnet === text).map(([, name, ip]) => [name, ip]);
    return {
      Subnet: text,
      ...(range !== undefined && { IPRange: range }),
      ...(gateway !== undefined && { Gateway: gateway }),
      ...(reserved.length > 0 && { AuxiliaryAddresses: Object.fromEntries(reserved) }),
    };
  });
}

function blockOf(subnet: string): BlockList {
  const [address = '', bits = ''] = subnet.split('/');
  const family = isIP(address);
  if (family === 0 || !/^\d+$/.test(bits) || Number(bits) > (family === 4 ? 32 : 128)) {
    throw flagInvalid('--subnet', subnet, 'write ADDRESS/BITS');
  }
  const block = new BlockList();
  block.addSubnet(address, Number(bits), familyOf(address));
  return block;
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return address.includes(':') ? 'ipv6' : 'ipv4';
}
