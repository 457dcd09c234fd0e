import type { Socket } from 'node:net';
import { Readable, Writable } from 'node:stream';
import type { TerminalSize } from '../../shared/terminal-size.js';
import { eventedSocket } from '../kernel/evented.js';
import { setTerminalSize } from '../kernel/libc.js';
import type { Attachment } from './runtime.js';

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
    this.#socket = eventedSocket(fd);
    this.stdout = new Readable({ read: () => this.#socket.resume() });
    // Ending the input does not end the terminal: its user sends ^D.
    this.stdin = new Writable({
      write: (chunk, _encoding, done) => {
        if (this.#socket.destroyed) done();
        else this.#socket.write(chunk, () => done());
      },
    });
    this.#socket.on('data', (chunk) => {
      if (!this.stdout.destroyed && !this.stdout.push(chunk)) this.#socket.pause();
    });
    // Once no process has the terminal open, reading it answers EIO.
    this.#socket.on('error', () => {});
    this.#socket.once('close', () => this.#end());
    this.#socket.once('end', () => this.#socket.destroy());
  }

  resize(size: TerminalSize): void {
    if (!this.#socket.destroyed) setTerminalSize(this.#fd, size);
  }

  close(): void {
    this.#socket.destroy();
    this.stdin.destroy();
  }

  #end(): void {
    if (!this.stdout.destroyed && !this.stdout.readableEnded) this.stdout.push(null);
  }
}
