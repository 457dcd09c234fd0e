import type { Duplex } from 'node:stream';
import { isTsmachineError, TsmachineError } from '../../shared/errors.js';
import type { SshConnection, TcpTarget } from '../../ssh/transport.js';

const dialTimeoutMs = 10_000;

/**
 * TCP connections from a machine's side, over one SSH connection that is made when it is first needed, and made anew
 * when it was lost or does not answer. Those that were open on the lost one are gone. Throws what `connect` throws,
 * SSH_FORWARD_REFUSED.
 */
export class Tunnel implements AsyncDisposable {
  readonly #connect: () => Promise<SshConnection>;
  #current: Promise<SshConnection> | undefined;

  constructor(connect: () => Promise<SshConnection>) {
    this.#connect = connect;
  }

  /** Connects now, so that what is wrong is known before anything relies on it. */
  async open(): Promise<void> {
    await this.#connection();
  }

  async dial(target: TcpTarget, signal: AbortSignal): Promise<Duplex> {
    const connection = this.#connection();
    try {
      return await dialInTime(await connection, target, signal);
    } catch (error) {
      if (signal.aborted || !isLost(error)) throw error;
      await this.#drop(connection);
      return await dialInTime(await this.#connection(), target, signal);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#current) await this.#drop(this.#current);
  }

  #connection(): Promise<SshConnection> {
    if (!this.#current) {
      const connecting = this.#connect();
      this.#current = connecting;
      connecting.catch(() => {
        if (this.#current === connecting) this.#current = undefined; // the next one may find the host
      });
    }
    return this.#current;
  }

  async #drop(lost: Promise<SshConnection>): Promise<void> {
    if (this.#current === lost) this.#current = undefined;
    const connection = await lost.catch(() => undefined);
    await connection?.[Symbol.asyncDispose]();
  }
}

async function dialInTime(
  connection: SshConnection,
  target: TcpTarget,
  signal: AbortSignal,
): Promise<Duplex> {
  const deadline = AbortSignal.timeout(dialTimeoutMs);
  try {
    return await connection.dial(target, AbortSignal.any([signal, deadline]));
  } catch (error) {
    signal.throwIfAborted();
    if (!deadline.aborted) throw error;
    const message = `the host did not connect to port ${target.port} within ${dialTimeoutMs / 1000}s`;
    throw new TsmachineError('deadline-exceeded', 'SSH_DIAL_TIMEOUT', message);
  }
}

/** A refusal without the server's reason (RFC 4254, section 5.1) has not come from the server. */
function isLost(error: unknown): boolean {
  if (!isTsmachineError(error)) return false;
  if (['SSH_CONNECTION_LOST', 'SSH_DIAL_TIMEOUT'].includes(error.code)) return true;
  const { cause } = error;
  return error.code === 'SSH_FORWARD_REFUSED' && cause instanceof Error && !('reason' in cause);
}
