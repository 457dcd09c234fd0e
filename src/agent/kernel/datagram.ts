import { closeSync } from 'node:fs';
import { check, declare } from './libc.js';
import { cString, errorNumber, systemError } from './system-error.js';

/** A connected datagram socket in the file system (/dev/log), which Node cannot have. Throws ENOENT, ECONNREFUSED, … */
export class UnixDatagram implements Disposable {
  readonly #fd: number;

  constructor(path: string) {
    const name = cString(path);
    if (name.length > 108) throw systemError('connect', errorNumber('ENAMETOOLONG'), path);
    const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), name]);
    this.#fd = check(socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), 'socket');
    try {
      check(connect(this.#fd, address, address.length), 'connect', path);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  /** Throws EAGAIN while the receiver is behind, EMSGSIZE for what is too large, ECONNREFUSED when it has gone. */
  send(message: Uint8Array): void {
    check(send(this.#fd, message, message.length, MSG_NOSIGNAL), 'send');
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

const socket = declare('int socket(int domain, int type, int protocol)');
const connect = declare('int connect(int fd, void *address, unsigned int length)');
const send = declare('long send(int fd, void *buffer, size_t length, int flags)');

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_NONBLOCK = 0o4000;
const SOCK_CLOEXEC = 0o2000000;
const MSG_NOSIGNAL = 0x4000;
