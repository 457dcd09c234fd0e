import { closeSync, constants, openSync } from 'node:fs';
import { check, declare } from './libc.js';

/**
 * A new terminal in raw mode: what is written to one end is read at the other. Both descriptors are
 * close-on-exec and the caller's to close.
 */
export function openTerminal(): { readonly master: number; readonly slave: number } {
  const master = openSync('/dev/ptmx', constants.O_RDWR | constants.O_NOCTTY);
  try {
    check(native.unlock(master, TIOCSPTLCK, Buffer.alloc(4)), 'ioctl'); // unlocks the slave
    const flags = constants.O_RDWR | constants.O_NOCTTY | O_CLOEXEC;
    const slave = check(native.peer(master, TIOCGPTPEER, flags), 'ioctl');
    const attributes = Buffer.alloc(128); // struct termios has 60 bytes
    check(native.tcgetattr(slave, attributes), 'tcgetattr');
    native.cfmakeraw(attributes);
    check(native.tcsetattr(slave, 0, attributes), 'tcsetattr');
    return { master, slave };
  } catch (error) {
    closeSync(master);
    throw error;
  }
}

const TIOCSPTLCK = 0x40045431;
const TIOCGPTPEER = 0x5441;
const O_CLOEXEC = 0o2000000;

const native = {
  unlock: declare('int ioctl(int fd, unsigned long request, void *argument)'),
  peer: declare('int ioctl(int fd, unsigned long request, long argument)'),
  tcgetattr: declare('int tcgetattr(int fd, void *attributes)'),
  tcsetattr: declare('int tcsetattr(int fd, int actions, void *attributes)'),
  cfmakeraw: declare('void cfmakeraw(void *attributes)'),
};
