import { attributesIn, contentOf, messagesIn, typeOf } from './netlink-messages.js';
import { netfilterMessage } from './nftables-message.js';

/** The parts of connection tracking's netlink messages (linux/netfilter/nfnetlink_conntrack.h), as bytes. */

/** A tracked connection, as its first packet went and as answers to it come. */
export interface TrackedConnection {
  /** 17 for UDP and so on. */
  readonly protocol: number;
  readonly destinationPort: number;
  /** Where answers come from, as bytes: another address than the destination, where that was translated. */
  readonly answersFrom: Buffer;
  /** The kernel's own description of the first direction: what it is deleted by. */
  readonly original: Buffer;
}

export function conntrackListing(family: 4 | 6): Buffer {
  return netfilterMessage(type(GET), NLM_F_DUMP, familyNumber(family), []);
}

export function conntrackDeletion(family: 4 | 6, original: Buffer): Buffer {
  return netfilterMessage(type(DELETE), NLM_F_ACK, familyNumber(family), [original]);
}

/** Those in one answer of the kernel to `conntrackListing`. */
export function connectionsIn(answer: Buffer): readonly TrackedConnection[] {
  return messagesIn(answer)
    .filter((message) => typeOf(message) === type(NEW))
    .flatMap((message) => parseConnection(message.subarray(20)) ?? []);
}

function parseConnection(body: Buffer): TrackedConnection | undefined {
  const parts = attributesIn(body);
  const original = parts.get(CTA_TUPLE_ORIG);
  const reply = parts.get(CTA_TUPLE_REPLY);
  if (!original || !reply) return undefined;
  const ports = attributesIn(contentOf(attributesIn(contentOf(original)).get(CTA_TUPLE_PROTO)));
  const addresses = attributesIn(contentOf(attributesIn(contentOf(reply)).get(CTA_TUPLE_IP)));
  const protocol = contentOf(ports.get(CTA_PROTO_NUM));
  const port = contentOf(ports.get(CTA_PROTO_DST_PORT));
  return {
    protocol: protocol.length > 0 ? protocol.readUInt8(0) : 0,
    destinationPort: port.length >= 2 ? port.readUInt16BE(0) : 0,
    answersFrom: contentOf(addresses.get(CTA_IP_V4_SRC) ?? addresses.get(CTA_IP_V6_SRC)),
    original,
  };
}

function type(message: number): number {
  return (NFNL_SUBSYS_CTNETLINK << 8) | message;
}

function familyNumber(family: 4 | 6): number {
  return family === 4 ? 2 : 10;
}

const NFNL_SUBSYS_CTNETLINK = 1;
const NEW = 0;
const GET = 1;
const DELETE = 2;
const NLM_F_ACK = 4;
const NLM_F_DUMP = 0x300;
const CTA_TUPLE_ORIG = 1;
const CTA_TUPLE_REPLY = 2;
const CTA_TUPLE_IP = 1;
const CTA_TUPLE_PROTO = 2;
const CTA_IP_V4_SRC = 1;
const CTA_IP_V6_SRC = 3;
const CTA_PROTO_NUM = 1;
const CTA_PROTO_DST_PORT = 3;
