import { attributesIn, HEADER_SIZE, messagesIn, nameIn, typeOf } from './netlink-messages.js';

/** The names of network interfaces that have gone, out of what the kernel tells of links (linux/rtnetlink.h). */
export function deletedLinksIn(datagram: Buffer): readonly string[] {
  return messagesIn(datagram)
    .filter((message) => typeOf(message) === RTM_DELLINK && message[HEADER_SIZE] !== AF_BRIDGE)
    .map((message) => nameIn(attributesIn(message.subarray(HEADER_SIZE + IFINFOMSG_SIZE)).get(IFLA_IFNAME)));
}

const RTM_DELLINK = 17;
/** A bridge tells so that an interface is no port of it any more. */
const AF_BRIDGE = 7;
const IFINFOMSG_SIZE = 16;
const IFLA_IFNAME = 3;
