import type { Handle } from './handle.js';
import type { CallOptions } from './libvirt.js';
import type { Pointer } from './prototypes.js';
import type { Session } from './session.js';
import type { Turn } from './turn.js';

/** As much as libvirt's protocol takes at once (VIR_NET_MESSAGE_LEGACY_PAYLOAD_MAX). */
const pieceBytes = 262_120;

/** Bytes to or from a volume; aborted when it is disposed without `finish`. */
export class NativeStream implements AsyncDisposable {
  readonly #session: Session;
  readonly #handle: Handle;
  readonly #what: string;
  /** Has begun, and neither failed nor finished: libvirt wants to be told when it is given up. */
  #open = true;

  private constructor(session: Session, handle: Handle, what: string) {
    this.#session = session;
    this.#handle = handle;
    this.#what = what;
  }

  static async open(
    session: Session,
    turn: Turn,
    what: string,
    begin: (stream: Pointer) => Promise<number>,
  ): Promise<NativeStream> {
    const pointer = await turn.pointer('virStreamNew', turn.connection, 0);
    const handle = session.own(pointer, 'virStreamFree', `the stream of ${what}`);
    try {
      await begin(pointer);
    } catch (error) {
      session.release(handle);
      throw error;
    }
    return new NativeStream(session, handle, what);
  }

  async send(bytes: Uint8Array, options?: CallOptions): Promise<void> {
    for (let offset = 0; offset < bytes.length; ) {
      const piece = bytes.subarray(offset, offset + pieceBytes);
      offset += await this.#perform('write to', options, (turn, self) =>
        turn.status('virStreamSend', self, piece, piece.length),
      );
    }
  }

  /** All that comes. */
  async receive(options?: CallOptions): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for (;;) {
      const piece = new Uint8Array(pieceBytes);
      const length = await this.#perform('read from', options, (turn, self) =>
        turn.status('virStreamRecv', self, piece, piece.length),
      );
      if (length === 0) return Buffer.concat(pieces);
      pieces.push(piece.subarray(0, length));
    }
  }

  /** Resolves when the other side has everything. */
  async finish(options?: CallOptions): Promise<void> {
    await this.#perform('finish with', options, (turn, self) => turn.status('virStreamFinish', self));
    this.#open = false;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#open) {
      this.#open = false;
      // Not waited for, as the release: what made it necessary may be a call that hangs.
      this.#session
        .perform(`abandon ${this.#what}`, undefined, (turn) =>
          turn.status('virStreamAbort', this.#handle.pointer),
        )
        .catch(() => {});
    }
    this.#session.release(this.#handle);
  }

  #perform(
    verb: string,
    options: CallOptions | undefined,
    work: (turn: Turn, self: Pointer) => Promise<number>,
  ): Promise<number> {
    return this.#session.perform(`${verb} ${this.#what}`, options, (turn) =>
      work(turn, this.#handle.pointer),
    );
  }
}
