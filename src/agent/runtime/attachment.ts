import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import { duplicate } from '../kernel/descriptors.js';
import { eventedSocket } from '../kernel/evented.js';
import { connectSeqpacket, waitingPackets } from '../kernel/seqpacket.js';
import type { Attachment } from './runtime.js';

/**
 * Attaches to a monitor's socket. Both outputs must be read (or resumed): while one is full neither goes on, and
 * the container's writes wait.
 *
 * What conmon sends are packets whose first byte says the stream; what it receives is raw, at most 32 KiB
 * a packet (CONN_SOCK_BUF_SIZE), the rest of a larger one would be lost.
 */
export function attachTo(path: string): Attachment {
  return new MonitorAttachment(connectSeqpacket(path));
}

class MonitorAttachment implements Attachment {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr: Readable;
  /** A second descriptor of the same socket; see `#continue`. */
  #spare: number | undefined;
  #socket: Socket;

  constructor(fd: number) {
    this.#spare = duplicate(fd);
    this.stdout = new Readable({ highWaterMark, read: () => this.#socket.resume() });
    this.stderr = new Readable({ highWaterMark, read: () => this.#socket.resume() });
    this.#socket = this.#receiveFrom(fd);
    this.stdin = stdinTo(this.#socket);
  }

  close(): void {
    this.#releaseSpare();
    this.#socket.destroy();
    this.stdin.destroy();
    this.#end();
  }

  #receiveFrom(fd: number): Socket {
    const socket = eventedSocket(fd, (packet) => this.#deliver([packet, ...waitingPackets(fd)]));
    socket.once('end', () => {
      this.#releaseSpare();
      socket.destroy();
      this.#end();
    });
    socket.once('error', () => this.#continue());
    return socket;
  }

  /** What waits is handed on in pieces as large as the order of the streams allows. */
  #deliver(packets: readonly Buffer[]): boolean {
    let more = true;
    for (let first = 0; first < packets.length; ) {
      const type = packets[first]?.[0];
      const next = packets.findIndex((packet, index) => index > first && packet[0] !== type);
      const run = packets.slice(first, next === -1 ? packets.length : next);
      const stream = type === STDERR ? this.stderr : this.stdout;
      // A reader that has gone must not hold the other stream up.
      more =
        (stream.destroyed || stream.push(Buffer.concat(run.map((packet) => packet.subarray(1))))) && more;
      first += run.length;
    }
    return more;
  }

  /**
   * A monitor that exits before it has read all input makes the next read or write here fail (ECONNRESET, EPIPE),
   * and Node then closes the socket although output of the container may still wait in it. The error is reported
   * once only, so the rest is read through the second descriptor.
   */
  #continue(): void {
    if (this.#spare === undefined) {
      this.#end();
      return;
    }
    this.#socket = this.#receiveFrom(this.#spare);
    this.#spare = undefined;
  }

  #releaseSpare(): void {
    if (this.#spare !== undefined) closeSync(this.#spare);
    this.#spare = undefined;
  }

  #end(): void {
    for (const stream of [this.stdout, this.stderr]) {
      if (!stream.readableEnded && !stream.destroyed) stream.push(null);
    }
  }
}

const STDERR = 3;
const highWaterMark = 256 * 1024;
const PACKET_SIZE = 32 * 1024;

/** Input after the container has ended vanishes, as with Docker. */
function stdinTo(socket: Socket): Writable {
  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      writePackets(socket, chunk).then(
        () => done(),
        () => done(),
      );
    },
    final(done) {
      if (socket.destroyed) return done();
      socket.end(() => done());
      socket.once('close', () => done());
    },
  });
}

/** One at a time, for Node would join waiting writes to one packet. An empty packet would mean the end. */
async function writePackets(socket: Socket, chunk: Buffer): Promise<void> {
  for (let offset = 0; offset < chunk.length && !socket.destroyed; offset += PACKET_SIZE) {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    socket.write(chunk.subarray(offset, offset + PACKET_SIZE), (error) =>
      error ? reject(error) : resolve(),
    );
    await promise;
  }
}
