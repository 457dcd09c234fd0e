import { EventEmitter } from 'node:events';
import type { EventMessage } from '../../api/event.js';
import { nowNanos } from '../../shared/nanotime.js';

export interface EngineEvent {
  readonly type: EventMessage['Type'];
  readonly action: string;
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface EventQuery {
  /** Nanoseconds since the epoch; without it only what is still to come. */
  readonly since?: bigint | undefined;
  readonly until?: bigint | undefined;
  matches(event: EventMessage): boolean;
}

/** What happens in the engine, in order; the last events are kept for clients that ask for the past. */
export class EventBus {
  readonly #emitter = new EventEmitter().setMaxListeners(0);
  readonly #history: { readonly at: bigint; readonly message: EventMessage }[] = [];

  publish(event: EngineEvent): void {
    const at = nowNanos();
    const message = toMessage(event, at);
    this.#history.push({ at, message });
    if (this.#history.length > historyLength) this.#history.shift();
    this.#emitter.emit('event', message);
  }

  /** Replays from `since`, then follows until `until` or the signal; a past `until` ends after the replay. */
  async *subscribe(query: EventQuery, signal: AbortSignal): AsyncGenerator<EventMessage> {
    const waiting = query.since === undefined ? [] : this.#past(query.since, query.until);
    let wake: () => void = () => {};
    const take = (message: EventMessage): void => {
      waiting.push(message);
      wake();
    };
    using end = new Deadline(query.until, signal, () => wake());
    this.#emitter.on('event', take);
    try {
      for (;;) {
        for (const message of waiting.splice(0)) if (query.matches(message)) yield message;
        if (end.passed) return;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        if (waiting.length === 0) await promise;
      }
    } finally {
      this.#emitter.off('event', take);
    }
  }

  #past(since: bigint, until: bigint | undefined): EventMessage[] {
    const inTime = this.#history.filter(({ at }) => at >= since && (until === undefined || at <= until));
    return inTime.map(({ message }) => message);
  }
}

/** As many as dockerd keeps. */
const historyLength = 256;

function toMessage({ type, action, id, attributes }: EngineEvent, at: bigint): EventMessage {
  return {
    ...(type === 'container' && {
      status: action,
      id,
      ...(attributes['image'] && { from: attributes['image'] }),
    }),
    ...(type === 'image' && { status: action, id }),
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: 'local',
    time: Number(at / 1_000_000_000n),
    // Beyond 2^53 by a factor of 200: the last digits are lost, which events of one microsecond do not need.
    timeNano: Number(at),
  };
}

/** The time or the signal, whichever comes first; `notify` is called then. */
class Deadline implements Disposable {
  readonly #signal: AbortSignal;
  readonly #end: () => void;
  readonly #timer: NodeJS.Timeout | undefined;
  passed: boolean;

  constructor(until: bigint | undefined, signal: AbortSignal, notify: () => void) {
    const left = until === undefined ? undefined : Number((until - nowNanos()) / 1_000_000n);
    this.passed = signal.aborted || (left !== undefined && left <= 0);
    this.#end = () => {
      this.passed = true;
      notify();
    };
    this.#signal = signal;
    signal.addEventListener('abort', this.#end);
    this.#timer =
      left === undefined ? undefined : setTimeout(this.#end, Math.max(0, Math.min(left, longestTimer)));
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
    this.#signal.removeEventListener('abort', this.#end);
  }
}

/** Of setTimeout: 24 days. */
const longestTimer = 2 ** 31 - 1;
