import { closeSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { seqpacketConnect } from './libc.js';

/**
 * Connects to a SOCK_SEQPACKET Unix socket and answers its descriptor for `eventedSocket`: every 'data' event is
 * then one packet (of up to 64 KiB), `end()` is shutdown(SHUT_WR).
 *
 * The path may be longer than the 107 bytes that an address holds. A write is one packet only when it is the only
 * one on its way: Node gathers queued writes into one writev(2), which is one packet too. So wait for each
 * write's callback before the next.
 */
export function connectSeqpacket(path: string): number {
  const directory = openSync(dirname(path), O_PATH);
  try {
    return seqpacketConnect(`/proc/self/fd/${directory}/${basename(path)}`);
  } finally {
    closeSync(directory);
  }
}

const O_PATH = 0o10000000;
