import { rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { TerminalSize } from '../../shared/terminal-size.js';
import { receiveFd } from '../kernel/descriptors.js';
import { setTerminalSize } from '../kernel/libc.js';

/**
 * The socket over which an OCI runtime hands out the master of a terminal that it has made
 * (runc's docs/terminals.md: one message with the descriptor as SCM_RIGHTS).
 */
export class ConsoleSocket implements AsyncDisposable {
  readonly #path: string;
  readonly #server: Server;
  readonly #connection: Promise<Socket>;

  private constructor(path: string, server: Server) {
    this.#path = path;
    this.#server = server;
    const { promise, resolve } = Promise.withResolvers<Socket>();
    server.once('connection', resolve);
    this.#connection = promise;
  }

  static async listen(path: string): Promise<ConsoleSocket> {
    // Paused, because Node would read the message and drop the descriptor.
    const server = createServer({ pauseOnConnect: true });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    server.once('error', reject);
    server.listen(path, resolve);
    await promise;
    return new ConsoleSocket(path, server);
  }

  /** The descriptor of the master, the caller's to close. Never settles when no runtime connects. */
  async receive(size?: TerminalSize): Promise<number> {
    const socket = await this.#connection;
    try {
      const fd = await receiveFd(descriptorOf(socket), 10_000);
      if (size) setTerminalSize(fd, size);
      return fd;
    } finally {
      socket.destroy();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.close();
    await rm(this.#path, { force: true });
  }
}

function descriptorOf(socket: Socket): number {
  // Node keeps the handle private; its `fd` is documented nowhere but has been there since 0.x.
  const { _handle: handle } = socket as unknown as { _handle: { readonly fd: number } };
  return handle.fd;
}
