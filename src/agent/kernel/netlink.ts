import { close } from 'node:fs';
import { check, declare } from './libc.js';

/**
 * Sends a request to the kernel's netfilter and answers what it says, of the present network namespace. It has been done
 * when the call returns: netlink handles a request while it is being sent, and a listing while it is being read.
 */
export function askNetfilter(request: Buffer): readonly Buffer[] {
  const fd = check(socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_NETFILTER), 'socket');
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

const AF_NETLINK = 16;
const SOCK_RAW = 3;
const SOCK_CLOEXEC = 0o2000000;
const NETLINK_NETFILTER = 12;
const MSG_DONTWAIT = 0x40;

const socket = declare('int socket(int domain, int type, int protocol)');
const send = declare('long send(int fd, void *data, size_t length, int flags)');
const receive = declare('long recv(int fd, void *data, size_t length, int flags)');
