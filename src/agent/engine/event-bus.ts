import { EventEmitter, on } from 'node:events';
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
    using stop = deadline(query.until, signal);
    // Listening begins before the replay, so that nothing between them is lost.
    const live = on(this.#emitter, 'event', { signal: stop.signal });
    const past = query.since === undefined ? [] : [...this.#history];
    for (const { at, message } of past) {
      const inTime = at >= (query.since ?? 0n) && (query.until === undefined || at <= query.until);
      if (inTime && query.matches(message)) yield message;
    }
    try {
      for await (const [message] of live as AsyncIterable<[EventMessage]>) {
        if (query.matches(message)) yield message;
      }
    } catch (error) {
      if (!stop.signal.aborted) throw error;
    }
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

function deadline(
  until: bigint | undefined,
  signal: AbortSignal,
): { readonly signal: AbortSignal } & Disposable {
  const end = new AbortController();
  const abort = (): void => end.abort();
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort);
  const wait = until === undefined ? undefined : Number((until - nowNanos()) / 1_000_000n);
  const timer = wait === undefined ? undefined : setTimeout(abort, Math.max(0, Math.min(wait, 2 ** 31 - 1)));
  return {
    signal: end.signal,
    [Symbol.dispose]() {
      clearTimeout(timer);
      signal.removeEventListener('abort', abort);
    },
  };
}
