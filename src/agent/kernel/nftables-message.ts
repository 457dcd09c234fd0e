import { messagesIn, typeOf } from './netlink-messages.js';

/** The parts of nftables' netlink messages (linux/netfilter/nf_tables.h, nfnetlink.h), as bytes. */

/** Message types, and flags of a new object. */
export const NFT = {
  NEWTABLE: 0,
  DELTABLE: 2,
  NEWCHAIN: 3,
  NEWRULE: 6,
  CREATE: 0x400,
  APPEND: 0x800,
} as const;

export type Attribute = Buffer;
export type Message = Buffer;

export function bytes(type: number, value: Uint8Array): Attribute {
  const result = Buffer.alloc((4 + value.length + 3) & ~3);
  result.writeUInt16LE(4 + value.length, 0);
  result.writeUInt16LE(type, 2);
  result.set(value, 4);
  return result;
}

export function text(type: number, value: string): Attribute {
  return bytes(type, Buffer.from(`${value}\0`));
}

/** Big-endian, as nftables has all its numbers. */
export function u32(type: number, value: number): Attribute {
  const number = Buffer.alloc(4);
  number.writeInt32BE(value);
  return bytes(type, number);
}

export function nested(type: number, attributes: readonly Attribute[]): Attribute {
  return bytes(type | NLA_F_NESTED, Buffer.concat(attributes));
}

/** A request for the tables of IPv4; `sendNftables` puts it into a transaction. */
export function nfMessage(type: number, flags: number, attributes: readonly Attribute[]): Message {
  return message((NFNL_SUBSYS_NFTABLES << 8) | type, flags | NLM_F_ACK, AF_INET, attributes);
}

/** All messages or none. */
export function transaction(messages: readonly Message[]): Buffer {
  const begin = message(NFNL_MSG_BATCH_BEGIN, 0, 0, [], NFNL_SUBSYS_NFTABLES);
  const end = message(NFNL_MSG_BATCH_END, 0, 0, [], NFNL_SUBSYS_NFTABLES);
  return Buffer.concat([begin, ...messages, end]);
}

/** A request of another part of netfilter's. */
export function netfilterMessage(
  type: number,
  flags: number,
  family: number,
  attributes: readonly Attribute[],
): Message {
  return message(type, flags, family, attributes);
}

function message(
  type: number,
  flags: number,
  family: number,
  attributes: readonly Attribute[],
  resource = 0,
): Message {
  const body = Buffer.concat(attributes);
  const header = Buffer.alloc(20);
  header.writeUInt32LE(header.length + body.length, 0);
  header.writeUInt16LE(type, 4);
  header.writeUInt16LE(flags | NLM_F_REQUEST, 6);
  header.writeUInt8(family, 16);
  header.writeUInt16BE(resource, 18);
  return Buffer.concat([header, body]);
}

/** The error numbers (0 for success) in an answer of the kernel. */
export function errorsIn(answer: Buffer): readonly number[] {
  return messagesIn(answer)
    .filter((each) => typeOf(each) === NLMSG_ERROR)
    .map((each) => -each.readInt32LE(16));
}

const NFNL_SUBSYS_NFTABLES = 10;
const NFNL_MSG_BATCH_BEGIN = 0x10;
const NFNL_MSG_BATCH_END = 0x11;
const NLMSG_ERROR = 2;
const NLM_F_REQUEST = 1;
const NLM_F_ACK = 4;
const NLA_F_NESTED = 0x8000;
const AF_INET = 2;
