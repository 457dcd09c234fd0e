import { close } from 'node:fs';
import { check, declare } from './libc.js';
import { errorsIn, type Message, transaction } from './nftables-message.js';
import { systemError } from './system-error.js';

/**
 * Changes the nftables of the present network namespace in one transaction. The kernel has done it, or refused, when
 * the call returns. Throws the first error of the kernel (ENOENT, EOPNOTSUPP, …); then nothing is changed.
 */
export function sendNftables(messages: readonly Message[]): void {
  const fd = check(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), 'socket');
  try {
    const request = transaction(messages);
    check(send(fd, request, request.length, 0), 'send');
    const error = readErrors(fd).find((number) => number !== 0);
    if (error !== undefined) throw systemError('nftables', error);
  } finally {
    // In the thread pool: it waits for the kernel to free what was replaced, up to 20 ms.
    close(fd, () => {});
  }
}

/** The answers wait already: netlink handles a request while it is being sent. */
function readErrors(fd: number): readonly number[] {
  const answer = Buffer.alloc(16 * 1024);
  const errors: number[] = [];
  for (;;) {
    const length = receive(fd, answer, answer.length, MSG_DONTWAIT);
    if (length <= 0) return errors;
    errors.push(...errorsIn(answer.subarray(0, length)));
  }
}

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_NETFILTER = 12;
const MSG_DONTWAIT = 0x40;

const socket = declare('int socket(int domain, int type, int protocol)');
const send = declare('long send(int fd, void *data, size_t length, int flags)');
const receive = declare('long recv(int fd, void *data, size_t length, int flags)');
