import type { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import type { TerminalSize } from '../../shared/terminal-size.js';
import { eventedSocket } from '../kernel/evented.js';
import { setTerminalSize } from '../kernel/libc.js';
import type { Attachment } from './runtime.js';
import { outputOf } from './socket-output.js';

/** The stdio of a process on a terminal whose master we hold. All output is on `stdout`. */
export class TerminalSession implements Attachment {
  readonly stdin: Writable;
  readonly stdout: Readable;
  readonly stderr = Readable.from([]);
  readonly #fd: number;
  readonly #socket: Socket;

  /** Owns the descriptor. */
  constructor(fd: number) {
    this.#fd = fd;
    const { socket, output } = outputOf((receive) => eventedSocket(fd, receive));
    this.#socket = socket;
    this.stdout = output;
    // Ending the input does not end the terminal: its user sends ^D.
    this.stdin = new Writable({
      write: (chunk, _encoding, done) => {
        if (this.#socket.destroyed) done();
        else this.#socket.write(chunk, () => done());
      },
    });
  }

  resize(size: TerminalSize): void {
    if (!this.#socket.destroyed) setTerminalSize(this.#fd, size);
  }

  close(): void {
    this.#socket.destroy();
    this.stdin.destroy();
  }
}
