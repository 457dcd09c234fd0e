import type { ServerResponse } from 'node:http';
import type { Duplex } from 'node:stream';

/**
 * Answers of one connection follow each other: a client may send its next request before the answer to the one before has
 * left (RFC 9112, section 9.3.2), and often does in the moment in which that leaves. Node keeps such an answer back, without
 * a socket, until it is its turn; who takes the connection has to wait for that.
 */
export class Turns {
  /** The last answer of a connection that is not over. */
  readonly #open = new WeakMap<Duplex, ServerResponse>();

  /** Resolves when the answers before this one are over, or the connection is gone. */
  async next(connection: Duplex, response: ServerResponse): Promise<void> {
    const before = this.#open.get(connection);
    this.#open.set(connection, response);
    response.once('close', () => {
      if (this.#open.get(connection) === response) this.#open.delete(connection);
    });
    if (!before) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const done = () => resolve();
    before.once('close', done);
    connection.once('close', done);
    await promise;
    connection.off('close', done);
  }
}
