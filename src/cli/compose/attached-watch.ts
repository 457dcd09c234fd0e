import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEvent } from '../../compose/engine/monitor.js';
import type { AttachedContainers } from './attached-containers.js';

export interface AttachedWatchOptions {
  /** Services whose containers are shown. */
  readonly attached: readonly string[];
  readonly abortOn: 'exit' | 'failure' | undefined;
  readonly exitCodeFrom: string | undefined;
}

/** One that somebody has stopped may be started again at once: that is what `restart` does. */
const restartMs = 2_000;

/**
 * Hears what becomes of the containers that are shown. One that is replaced or restarted, by whatever tool, is shown
 * on; so are those that are added to a service.
 */
export class AttachedWatch {
  readonly #shown: AttachedContainers;
  readonly #options: AttachedWatchOptions;
  readonly #signal: AbortSignal;
  readonly #ended = Promise.withResolvers<'over' | 'aborted'>();
  readonly #codes = new Map<string, number>();
  readonly #pending = new Set<Promise<void>>();
  /** Those that have a successor. */
  readonly #replaced = new Set<string>();
  /** Those that were told to end. */
  readonly #stopped = new Set<string>();
  #first: string | undefined;

  constructor(shown: AttachedContainers, options: AttachedWatchOptions, signal: AbortSignal) {
    this.#shown = shown;
    this.#options = options;
    this.#signal = signal;
  }

  get ended(): Promise<'over' | 'aborted'> {
    return this.#ended.promise;
  }

  /** Nothing has ended yet. */
  get isIdle(): boolean {
    return this.#first === undefined;
  }

  /** Zero unless one container was to end everything. */
  get code(): number {
    const { abortOn, exitCodeFrom } = this.#options;
    if (abortOn === undefined) return 0;
    return this.#codes.get(exitCodeFrom ?? this.#first ?? '') ?? 0;
  }

  async follow(events: AsyncIterable<ContainerEvent>): Promise<void> {
    for await (const event of events) {
      if (!event.oneOff && this.#options.attached.includes(event.service)) this.#hear(event);
    }
    this.#ended.resolve('over'); // the engine is gone
  }

  async settled(): Promise<void> {
    await Promise.allSettled(this.#pending);
  }

  #hear(event: ContainerEvent): void {
    const { id, action, replaces } = event;
    if (action === 'create' && replaces !== undefined) {
      this.#replaced.add(replaces);
      this.#shown.expect(id);
    } else if (action === 'start') this.#shown.started(event);
    else if (action === 'kill') this.#stopped.add(id);
    else if (action === 'die') this.#do(this.#died(event));
    else if (action === 'destroy' && this.#shown.has(id)) {
      this.#shown.forget(id);
      this.#endIfOver();
    }
  }

  /** The engine that is gone is told by whoever asks it next. */
  #do(work: Promise<void>): void {
    const settled = work.catch(() => {}).finally(() => this.#pending.delete(settled));
    this.#pending.add(settled);
  }

  async #died(event: ContainerEvent): Promise<void> {
    if (!this.#shown.has(event.id)) return;
    if (this.#replaced.has(event.id)) {
      await this.#shown.ended(event, 'has been recreated');
      return;
    }
    const code = event.exitCode ?? 0;
    this.#codes.set(event.service, code);
    const stays = await this.#shown.ended(event);
    this.#first ??= event.service;
    const { abortOn } = this.#options;
    if (abortOn === 'exit' || (abortOn === 'failure' && code !== 0)) this.#ended.resolve('aborted');
    else if (!stays) return;
    else if (this.#stopped.has(event.id)) void this.#endUnlessRestarted();
    else this.#endIfOver();
  }

  async #endUnlessRestarted(): Promise<void> {
    await delay(restartMs, undefined, { signal: this.#signal }).catch(() => {});
    this.#endIfOver();
  }

  #endIfOver(): void {
    if (this.#shown.count === 0) this.#ended.resolve('over');
  }
}
