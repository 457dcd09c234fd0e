import { isTsmachineError } from '../../../shared/errors.js';
import { LibvirtFault, libvirtClosed, libvirtError, libvirtSilent, libvirtTimeout } from './errors.js';
import { Handle } from './handle.js';
import { interruptible } from './interruptible.js';
import type { Library } from './library.js';
import type { CallOptions } from './libvirt.js';
import type { FreeFunction, Pointer } from './prototypes.js';
import { Turn } from './turn.js';

const closeTimeoutMs = 5_000;

/**
 * One connection's calls, one after the other: the error that libvirt keeps for a connection is then that of the
 * call that failed, and nothing is freed while it is used.
 */
export class Session {
  readonly uri: string;
  readonly #library: Library;
  readonly #connection: Pointer;
  readonly #handles = new Set<Handle>();
  #tail: Promise<unknown> = Promise.resolve();
  /** How many calls have not ended by their deadline, nor since. */
  #silent = 0;
  #closing: Promise<void> | undefined;

  constructor(uri: string, library: Library, connection: Pointer) {
    this.uri = uri;
    this.#library = library;
    this.#connection = connection;
  }

  /**
   * Waits for its turn, then for `work`, which nothing of the session interrupts. `action` completes "libvirt
   * cannot …". Throws what `errors.ts` makes of libvirt's fault.
   */
  async perform<T>(
    action: string,
    options: CallOptions | undefined,
    work: (turn: Turn) => Promise<T>,
  ): Promise<T> {
    options?.signal?.throwIfAborted();
    if (this.#closing) throw libvirtClosed(action, `the connection to "${this.uri}"`);
    if (this.#silent > 0) throw libvirtSilent(action, this.uri);
    let awaited = true;
    const turn = this.#enqueue(async () => {
      if (awaited) return await work(new Turn(this.#library, this.#connection));
      throw libvirtClosed(action, 'the call'); // reaches nobody
    });
    try {
      return await interruptible(turn, options ?? {}, (timeoutMs) => {
        this.#silent++;
        const ended = () => this.#silent--;
        turn.then(ended, ended);
        return libvirtTimeout(action, this.uri, timeoutMs);
      });
    } catch (error) {
      if (isTsmachineError(error) || !(error instanceof LibvirtFault)) throw error;
      throw libvirtError(action, error);
    } finally {
      awaited = false;
    }
  }

  /** Takes an address that `work` has just got. `what` names it in errors. */
  own(pointer: Pointer, free: FreeFunction, what: string): Handle {
    const handle = new Handle(pointer, free, what);
    this.#handles.add(handle);
    return handle;
  }

  /** Not waited for: whoever cleans up after a call that hangs must not hang in turn. */
  release(handle: Handle): void {
    this.#enqueue(async () => this.#free(handle)).catch(() => {});
  }

  /** Frees every handle. Does not wait for a call that hangs. */
  async close(): Promise<void> {
    this.#closing ??= this.#close();
    await this.#closing;
  }

  async #close(): Promise<void> {
    const closed = this.#enqueue(async () => {
      for (const handle of this.#handles) this.#free(handle);
      await this.#library.call('virConnectClose', this.#connection);
    }).catch(() => {});
    if (this.#silent === 0) await settledWithin(closed, closeTimeoutMs);
  }

  #free(handle: Handle): void {
    if (!this.#handles.delete(handle)) return;
    this.#library.callNow(handle.free, handle.take());
  }

  #enqueue<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#tail.then(work);
    this.#tail = turn.catch(() => {});
    return turn;
  }
}

async function settledWithin(work: Promise<unknown>, ms: number): Promise<void> {
  const { promise: late, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([work, late]);
  clearTimeout(timer);
}
