import { libvirtClosed } from './errors.js';
import type { FreeFunction, Pointer } from './prototypes.js';

/** A reference to an object of libvirt's; its session frees it once. */
export class Handle {
  readonly free: FreeFunction;
  readonly #what: string;
  #pointer: Pointer | undefined;

  constructor(pointer: Pointer, free: FreeFunction, what: string) {
    this.#pointer = pointer;
    this.free = free;
    this.#what = what;
  }

  /** To be asked for in a turn of the session's, so that it cannot be freed meanwhile. Throws LIBVIRT_CLOSED. */
  get pointer(): Pointer {
    if (this.#pointer === undefined) throw libvirtClosed('use it', this.#what);
    return this.#pointer;
  }

  /** The address, for the last time. */
  take(): Pointer {
    const pointer = this.pointer;
    this.#pointer = undefined;
    return pointer;
  }
}
