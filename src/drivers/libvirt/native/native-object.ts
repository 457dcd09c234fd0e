import type { Handle } from './handle.js';
import type { CallOptions } from './libvirt.js';
import type { FreeFunction, Pointer, PointerFunction, StatusFunction } from './prototypes.js';
import type { Session } from './session.js';
import type { Turn } from './turn.js';

type Rest = readonly (number | string | null)[];

/** What domains, networks, pools, volumes and snapshots have in common. */
export abstract class NativeObject implements AsyncDisposable {
  readonly #session: Session;
  readonly #handle: Handle;
  /** With its name, as in errors. */
  readonly #what: string;

  /** Takes the reference that a turn has just got. */
  constructor(session: Session, pointer: Pointer, free: FreeFunction, what: string) {
    this.#session = session;
    this.#what = what;
    this.#handle = session.own(pointer, free, what);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#session.release(this.#handle);
  }

  /** `verb` completes "libvirt cannot … domain "a"". */
  protected perform<T>(
    verb: string,
    options: CallOptions | undefined,
    work: (turn: Turn, self: Pointer, session: Session) => Promise<T>,
  ): Promise<T> {
    return this.#session.perform(`${verb} ${this.#what}`, options, (turn) =>
      work(turn, this.#handle.pointer, this.#session),
    );
  }

  /** One call with the object as first argument. */
  protected async act(
    verb: string,
    options: CallOptions | undefined,
    name: StatusFunction,
    ...rest: Rest
  ): Promise<void> {
    await this.perform(verb, options, (turn, self) => turn.status(name, self, ...rest));
  }

  protected async ask(
    verb: string,
    options: CallOptions | undefined,
    name: StatusFunction,
    ...rest: Rest
  ): Promise<boolean> {
    return (await this.perform(verb, options, (turn, self) => turn.status(name, self, ...rest))) > 0;
  }

  protected read(
    verb: string,
    options: CallOptions | undefined,
    name: PointerFunction,
    ...rest: Rest
  ): Promise<string> {
    return this.perform(verb, options, (turn, self) => turn.text(name, self, ...rest));
  }
}
