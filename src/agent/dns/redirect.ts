import { addressBytes } from '../../shared/ip-address.js';
import { sendNftables } from '../kernel/nftables.js';
import {
  type Attribute,
  bytes,
  type Message,
  NFT,
  nested,
  nfMessage,
  text,
  u32,
} from '../kernel/nftables-message.js';
import { serverAddress } from './resolv-conf.js';

/**
 * Leads what goes to port 53 of 127.0.0.11 to the ports that the server has, in the present network namespace and in
 * place of an earlier redirection. The server does not listen on port 53 itself: a container may, on all its addresses.
 * By netlink rather than by the nft program, which takes 200 times as long.
 */
export function redirectNames(ports: { readonly udp: number; readonly tcp: number }): void {
  sendNftables([
    newTable(),
    nfMessage(NFT.DELTABLE, 0, [text(1, table)]),
    newTable(),
    nfMessage(NFT.NEWCHAIN, NFT.CREATE, [
      text(1, table),
      text(3, chain),
      nested(4, [u32(1, NF_INET_LOCAL_OUT), u32(2, NF_IP_PRI_NAT_DST)]),
      text(7, 'nat'),
    ]),
    rule(IPPROTO_UDP, ports.udp),
    rule(IPPROTO_TCP, ports.tcp),
  ]);
}

function newTable(): Message {
  return nfMessage(NFT.NEWTABLE, NFT.CREATE, [text(1, table)]);
}

/** `ip daddr 127.0.0.11 meta l4proto PROTOCOL th dport 53 dnat to 127.0.0.11:PORT` */
function rule(protocol: number, port: number): Message {
  const address = addressBytes(serverAddress);
  const expressions = [
    expression('meta', [u32(1, 1), u32(2, NFT_META_L4PROTO)]),
    compare(Buffer.of(protocol)),
    payload(NETWORK_HEADER, 16, 4),
    compare(address),
    payload(TRANSPORT_HEADER, 2, 2),
    compare(portBytes(53)),
    immediate(1, address),
    immediate(2, portBytes(port)),
    expression('nat', [u32(1, NFT_NAT_DNAT), u32(2, AF_INET), u32(3, 1), u32(5, 2)]),
  ];
  return nfMessage(NFT.NEWRULE, NFT.CREATE | NFT.APPEND, [
    text(1, table),
    text(2, chain),
    nested(4, expressions),
  ]);
}

function expression(name: string, data: readonly Attribute[]): Attribute {
  return nested(1, [text(1, name), nested(2, data)]);
}

/** What was loaded into register 1 must be this. */
function compare(value: Buffer): Attribute {
  return expression('cmp', [u32(1, 1), u32(2, 0), nested(3, [bytes(1, value)])]);
}

function payload(base: number, offset: number, length: number): Attribute {
  return expression('payload', [u32(1, 1), u32(2, base), u32(3, offset), u32(4, length)]);
}

function immediate(register: number, value: Buffer): Attribute {
  return expression('immediate', [u32(1, register), nested(2, [bytes(1, value)])]);
}

function portBytes(port: number): Buffer {
  return Buffer.of(port >> 8, port & 0xff);
}

const table = 'tsmachine_names';
const chain = 'output';
/** linux/netfilter.h, linux/netfilter_ipv4.h, linux/netfilter/nf_tables.h; the small numbers above are its NFTA_*. */
const NF_INET_LOCAL_OUT = 3;
const NF_IP_PRI_NAT_DST = -100;
const NFT_META_L4PROTO = 16;
const NETWORK_HEADER = 1;
const TRANSPORT_HEADER = 2;
const NFT_NAT_DNAT = 1;
const AF_INET = 2;
const IPPROTO_TCP = 6;
const IPPROTO_UDP = 17;
