import { optionInvalid, optionUnsupported } from './errors.js';
import { parseAddress } from './ip.js';

/**
 * How containers and the world reach each other: by address translation and published ports; the same with all ports
 * open; by their own addresses; or, on an internal network, not even the host.
 */
export type GatewayMode = 'nat' | 'nat-unprotected' | 'routed' | 'isolated';

/** What Docker's network options come to, for the drivers of this room. */
export interface LinkOptions {
  readonly bridgeName: string | undefined;
  readonly mtu: number | undefined;
  readonly icc: boolean;
  readonly masquerade: boolean;
  /** Where ports without an address are published; "" for all addresses. */
  readonly hostBinding: string;
  /** The interface's name without its number. */
  readonly interfacePrefix: string;
  readonly gatewayMode: Readonly<Record<4 | 6, GatewayMode>>;
  /** What the world sees containers as; undefined for the address of the interface that leads there. */
  readonly hostAddress: Readonly<Record<4 | 6, string | undefined>>;
  /** The bridge gets no IPv4 address. */
  readonly inhibitIpv4: boolean;
  /** Of macvlan and ipvlan. */
  readonly parent: string | undefined;
  readonly mode: string | undefined;
}

const prefix = 'com.docker.network.';

/**
 * Reads a network's options. Those that are not Docker's are only kept, as by dockerd. Throws OPTION_INVALID, and
 * OPTION_UNSUPPORTED for an option of Docker's that would be without effect.
 */
export function readLinkOptions(options: Readonly<Record<string, string>>): LinkOptions {
  for (const name of Object.keys(options)) {
    if (name.startsWith(prefix) && !known.has(name.slice(prefix.length))) throw optionUnsupported(name);
  }
  const text = (name: string) => options[prefix + name] || undefined;
  const flag = (name: string, absent: boolean) => parseFlag(prefix + name, text(name), absent);
  const hostBinding = text('bridge.host_binding_ipv4') ?? '';
  return {
    bridgeName: checkedLinkName(text('bridge.name')),
    mtu: parseMtu(text('driver.mtu') ?? text('mtu')),
    icc: flag('bridge.enable_icc', true),
    masquerade: flag('bridge.enable_ip_masquerade', true),
    hostBinding: hostBinding === '0.0.0.0' ? '' : hostBinding,
    interfacePrefix: checkedLinkName(text('container_iface_prefix'), 12) ?? 'eth',
    gatewayMode: {
      4: gatewayMode(text('bridge.gateway_mode_ipv4')),
      6: gatewayMode(text('bridge.gateway_mode_ipv6')),
    },
    hostAddress: {
      4: checkedAddress(text('host_ipv4'), 4),
      6: checkedAddress(text('host_ipv6'), 6),
    },
    inhibitIpv4: flag('bridge.inhibit_ipv4', false),
    parent: checkedLinkName(options['parent'] || undefined),
    mode: options['macvlan_mode'] ?? options['ipvlan_mode'],
  };
}

const known = new Set([
  'bridge.name',
  'bridge.default_bridge',
  'bridge.enable_icc',
  'bridge.enable_ip_masquerade',
  'bridge.host_binding_ipv4',
  'bridge.gateway_mode_ipv4',
  'bridge.gateway_mode_ipv6',
  'bridge.inhibit_ipv4',
  'host_ipv4',
  'host_ipv6',
  'enable_ipv4',
  'enable_ipv6',
  'container_iface_prefix',
  'driver.mtu',
  'mtu',
]);

function gatewayMode(mode = 'nat'): GatewayMode {
  const known = (['nat', 'nat-unprotected', 'routed', 'isolated'] as const).find((each) => each === mode);
  if (!known) throw optionInvalid(`unknown gateway mode ${mode}`);
  return known;
}

function checkedAddress(text: string | undefined, family: 4 | 6): string | undefined {
  if (text === undefined || parseAddress(text)?.family === family) return text;
  throw optionInvalid(`invalid IPv${family} host address: ${text}`);
}

/** Go's strconv.ParseBool. */
function parseFlag(name: string, value: string | undefined, absent: boolean): boolean {
  if (value === undefined) return absent;
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw optionInvalid(
    `failed to parse ${name} value: "${value}": strconv.ParseBool: parsing "${value}": invalid syntax`,
  );
}

/** 68 is the least that IPv4 asks for (RFC 791). */
function parseMtu(value: string | undefined): number | undefined {
  if (value === undefined) return undefined;
  const mtu = Number(value);
  if (!/^\d+$/.test(value) || mtu > 65_535 || (mtu !== 0 && mtu < 68)) {
    throw optionInvalid(`invalid MTU number: ${value}`);
  }
  return mtu === 0 ? undefined : mtu;
}

/** IFNAMSIZ leaves 15 characters; the kernel takes no "/" and no white space (dev_valid_name). */
function checkedLinkName(name: string | undefined, longest = 15): string | undefined {
  if (name === undefined) return undefined;
  if (!/^[A-Za-z0-9_.:@-]+$/.test(name) || name.length > longest || name === '.' || name === '..') {
    throw optionInvalid(`invalid interface name: ${name}`);
  }
  return name;
}
