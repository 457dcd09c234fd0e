import { closeSync, openSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { seqpacketConnect } from './descriptors.js';
import { addressOf, declare } from './libc.js';

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

/**
 * Takes the packets that wait in the socket, up to 32 of at most 16 KiB, with one call: libuv alone would wake up
 * for each. The answers share memory that the next call, for whichever socket, uses again. Empty when none waits,
 * at the end of the stream, and after an error, which the next read by libuv then tells.
 */
export function waitingPackets(fd: number): Buffer[] {
  batch ??= makeBatch();
  const { messages, room } = batch;
  const count = receiveMany(fd, messages, PACKETS, MSG_DONTWAIT, 0);
  const packets: Buffer[] = [];
  for (let index = 0; index < count; index++) {
    const length = messages.readUInt32LE(index * MESSAGE_SIZE + LENGTH_OFFSET);
    if (length === 0) break; // how the end of the stream looks
    packets.push(room.subarray(index * PACKET_ROOM, index * PACKET_ROOM + length));
  }
  return packets;
}

const receiveMany = declare(
  'int recvmmsg(int fd, void *messages, unsigned int count, int flags, intptr_t timeout)',
);

interface Batch {
  /** struct mmsghdr[]: a msghdr of 56 bytes, the length that was received, padding. */
  readonly messages: Buffer;
  readonly room: Buffer;
  /** Referenced by `messages`. */
  readonly vectors: Buffer;
}

let batch: Batch | undefined;

function makeBatch(): Batch {
  const messages = Buffer.alloc(PACKETS * MESSAGE_SIZE);
  const vectors = Buffer.alloc(PACKETS * VECTOR_SIZE);
  const room = Buffer.allocUnsafeSlow(PACKETS * PACKET_ROOM);
  for (let index = 0; index < PACKETS; index++) {
    const vector = index * VECTOR_SIZE;
    vectors.writeBigUInt64LE(addressOf(room) + BigInt(index * PACKET_ROOM), vector);
    vectors.writeBigUInt64LE(BigInt(PACKET_ROOM), vector + 8);
    messages.writeBigUInt64LE(addressOf(vectors) + BigInt(vector), index * MESSAGE_SIZE + 16);
    messages.writeBigUInt64LE(1n, index * MESSAGE_SIZE + 24);
  }
  return { messages, room, vectors };
}

const PACKETS = 32;
const PACKET_ROOM = 16 * 1024;
const MESSAGE_SIZE = 64;
const LENGTH_OFFSET = 56;
const VECTOR_SIZE = 16;
const MSG_DONTWAIT = 0x40;
