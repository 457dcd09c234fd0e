import { close, closeSync } from 'node:fs';
import { check, declare } from './libc.js';

/** Sends a request to the kernel's netfilter and answers what it says, of the present network namespace. */
export function askNetfilter(request: Buffer): readonly Buffer[] {
  return ask(NETLINK_NETFILTER, request);
}

/** The same of interfaces, addresses and routes. */
export function askRouting(request: Buffer): readonly Buffer[] {
  return ask(NETLINK_ROUTE, request);
}

/**
 * It has been done when the call returns: netlink handles a request while it is being sent, and a listing while it is
 * being read.
 */
function ask(protocol: number, request: Buffer): readonly Buffer[] {
  const fd = check(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol), 'socket');
  try {
    check(send(fd, request, request.length, 0), 'send');
    const answers: Buffer[] = [];
    for (;;) {
      const answer = Buffer.alloc(32 * 1024);
      const length = receive(fd, answer, answer.length, MSG_DONTWAIT);
      if (length <= 0) return answers;
      answers.push(answer.subarray(0, length));
    }
  } finally {
    // In the thread pool: it waits for the kernel to free what was replaced, up to 20 ms.
    close(fd, () => {});
  }
}

/** What netlink tells of by itself to those who listen (linux/netfilter/nfnetlink.h, linux/rtnetlink.h). */
export const netlinkGroups = {
  nftables: { protocol: 12, group: 7 },
  links: { protocol: 0, group: 1 },
} as const;

export type NetlinkGroup = (typeof netlinkGroups)[keyof typeof netlinkGroups];

/**
 * A non-blocking socket at which the kernel tells the changes of the present network namespace: the caller's to close.
 * Throws EPROTONOSUPPORT where the kernel has no such thing, EPERM.
 */
export function listenToNetlink({ protocol, group }: NetlinkGroup): number {
  const fd = check(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol), 'socket');
  const address = Buffer.alloc(12); // struct sockaddr_nl
  address.writeUInt16LE(AF_NETLINK, 0);
  address.writeUInt32LE(1 << (group - 1), 8);
  try {
    check(bind(fd, address, address.length), 'bind');
    return fd;
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_ROUTE = 0;
const NETLINK_NETFILTER = 12;
const MSG_DONTWAIT = 0x40;

const socket = declare('int socket(int domain, int type, int protocol)');
const bind = declare('int bind(int fd, void *address, unsigned int length)');
const send = declare('long send(int fd, void *data, size_t length, int flags)');
const receive = declare('long recv(int fd, void *data, size_t length, int flags)');
