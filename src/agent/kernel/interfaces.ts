import { askRouting } from './netlink.js';
import {
  attributesIn,
  contentOf,
  flagsOf,
  HEADER_SIZE,
  messagesIn,
  nameIn,
  typeOf,
} from './netlink-messages.js';
import { systemError } from './system-error.js';

/** A network interface. */
export interface Interface {
  readonly name: string;
  readonly index: number;
  /** The index of the bridge that it is a port of; 0 without one. */
  readonly master: number;
}

/** All of the present network namespace (rtnetlink(7)), in a fraction of a program's time. */
export function listInterfaces(): readonly Interface[] {
  for (let left = ATTEMPTS; ; left -= 1) {
    const listing = readListing(askRouting(interfaceListing()));
    if (listing.isWhole || left === 0) return listing.interfaces;
  }
}

interface Listing {
  readonly interfaces: readonly Interface[];
  /** Nothing has come or gone while the kernel made it. */
  readonly isWhole: boolean;
}

/** Of the kernel's answers to a request for all interfaces. Throws what the kernel says instead. */
export function readListing(answers: readonly Buffer[]): Listing {
  const messages = answers.flatMap(messagesIn);
  const refusal = messages.find((message) => typeOf(message) === NLMSG_ERROR);
  if (refusal) throw systemError('recv', -refusal.readInt32LE(HEADER_SIZE), 'interfaces');
  return {
    interfaces: messages.filter((message) => typeOf(message) === RTM_NEWLINK).map(parseInterface),
    isWhole: messages.every((message) => (flagsOf(message) & NLM_F_DUMP_INTR) === 0),
  };
}

/** struct ifinfomsg, and attributes behind it. */
function parseInterface(message: Buffer): Interface {
  const attributes = attributesIn(message.subarray(HEADER_SIZE + IFINFOMSG_SIZE));
  const master = contentOf(attributes.get(IFLA_MASTER));
  return {
    name: nameIn(attributes.get(IFLA_IFNAME)),
    index: message.readInt32LE(HEADER_SIZE + 4),
    master: master.length === 4 ? master.readUInt32LE(0) : 0,
  };
}

function interfaceListing(): Buffer {
  const request = Buffer.alloc(HEADER_SIZE + IFINFOMSG_SIZE);
  request.writeUInt32LE(request.length, 0);
  request.writeUInt16LE(RTM_GETLINK, 4);
  request.writeUInt16LE(NLM_F_REQUEST | NLM_F_DUMP, 6);
  return request;
}

/** Where interfaces come and go all the time, one listing is as good as another. */
const ATTEMPTS = 5;
const IFINFOMSG_SIZE = 16;
const NLMSG_ERROR = 2;
const NLM_F_REQUEST = 1;
const NLM_F_DUMP_INTR = 0x10;
const NLM_F_DUMP = 0x300;
const RTM_NEWLINK = 16;
const RTM_GETLINK = 18;
const IFLA_IFNAME = 3;
const IFLA_MASTER = 10;
