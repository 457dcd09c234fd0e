import { listContainers } from '../../api/client/containers.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { engineEvents } from '../../api/client/system.js';
import type { Clock } from '../../shared/clock.js';
import { errorMessage } from '../../shared/errors.js';
import { openListener } from './local-listener.js';
import type { PortForward } from './port-spec.js';
import { type PublishedPort, publishedPorts } from './published-ports.js';
import type { Tunnel } from './tunnel.js';

export interface AutoForwardOptions {
  readonly client: EngineClient;
  readonly tunnel: Tunnel;
  /** To listen on. */
  readonly address: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly events: ForwardEvents;
}

/** What there is to tell while ports are forwarded. */
export interface ForwardEvents {
  opened(forward: PortForward, container?: string): void;
  closed(forward: PortForward, container?: string): void;
  /** A port that cannot be had here, a protocol that SSH does not carry, a host that does not answer. */
  refused(message: string): void;
}

const longestPauseMs = 15_000;

/**
 * Listens here on each port that the machine's containers publish, as long as they do, until the signal aborts. An
 * engine that goes away is looked for again; what was forwarded stays in the meantime.
 */
export async function autoForward(options: AutoForwardOptions): Promise<void> {
  await using forwards = new Forwards(options);
  const { client, clock, signal } = options;
  let pauseMs = 1_000;
  let said = '';
  while (!signal.aborted) {
    try {
      await forwards.sync();
      const filters = { type: ['container'] };
      for await (const _ of changes(engineEvents(client, { filters }, signal), options)) {
        [pauseMs, said] = [1_000, ''];
        await forwards.sync();
      }
    } catch (error) {
      if (signal.aborted) return;
      const message = errorMessage(error);
      if (message !== said) options.events.refused(message);
      said = message;
    }
    await clock.sleep(pauseMs, signal).catch(() => {});
    pauseMs = Math.min(pauseMs * 2, longestPauseMs);
  }
}

const lookAgainMs = 3_000;

/** At each event, and now and then without one: what happened before the first was listened for must not be missed. */
async function* changes(
  events: AsyncGenerator<unknown>,
  { clock, signal }: AutoForwardOptions,
): AsyncGenerator<void> {
  let next = events.next();
  try {
    for (;;) {
      const result = await Promise.race([next, clock.sleep(lookAgainMs, signal)]);
      if (result?.done) return;
      if (result) next = events.next();
      yield;
    }
  } finally {
    next.catch(() => {});
    await events.return(undefined);
  }
}

/** What is forwarded now. */
class Forwards implements AsyncDisposable {
  readonly #options: AutoForwardOptions;
  readonly #open = new Map<string, { readonly port: PublishedPort; readonly listener: AsyncDisposable }>();
  readonly #refused = new Set<string>();

  constructor(options: AutoForwardOptions) {
    this.#options = options;
  }

  async sync(): Promise<void> {
    const { client, signal } = this.#options;
    const wanted = new Map(
      publishedPorts(await listContainers(client, {}, signal)).map((port) => [keyOf(port), port]),
    );
    for (const key of this.#open.keys()) if (!wanted.has(key)) await this.#close(key);
    for (const key of this.#refused) if (!wanted.has(key)) this.#refused.delete(key);
    for (const [key, port] of wanted) if (!this.#open.has(key)) await this.#listen(key, port);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const key of this.#open.keys()) await this.#close(key);
  }

  async #listen(key: string, port: PublishedPort): Promise<void> {
    const { address, tunnel, signal, events } = this.#options;
    if (port.protocol !== 'tcp') {
      return this.#refuse(key, `port ${key} of "${port.container}" is not forwarded: SSH carries TCP only`);
    }
    try {
      const listener = await openListener({
        ...{ address, port: port.port },
        dial: () => tunnel.dial(port.target, signal),
        failed: (error) => events.refused(errorMessage(error)),
      });
      this.#open.set(key, { port, listener });
      this.#refused.delete(key);
      events.opened(forwardOf(port), port.container);
    } catch (error) {
      this.#refuse(key, `port ${key} of "${port.container}" is not forwarded: ${errorMessage(error)}`);
    }
  }

  /** Tried again whenever something changes, but said once. */
  #refuse(key: string, message: string): void {
    if (this.#refused.has(key)) return;
    this.#refused.add(key);
    this.#options.events.refused(message);
  }

  async #close(key: string): Promise<void> {
    const found = this.#open.get(key);
    if (!found) return;
    this.#open.delete(key);
    await found.listener[Symbol.asyncDispose]();
    this.#options.events.closed(forwardOf(found.port), found.port.container);
  }
}

function forwardOf({ port }: PublishedPort): PortForward {
  return { local: port, remote: port };
}

function keyOf({ port, protocol, target }: PublishedPort): string {
  const where = ['127.0.0.1', '::1'].includes(target.host) ? '' : `${target.host}:`;
  return `${where}${port}/${protocol}`;
}
