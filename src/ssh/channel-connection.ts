import { type Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as delay } from 'node:timers/promises';
import type { TerminalSize } from '../shared/terminal-size.js';
import type { ShellCommand } from './command.js';
import { sshChannelRefused, sshCommandTimeout, sshConnectionLost, sshForwardRefused } from './errors.js';
import { type Refusal, SessionSlots } from './session-slots.js';
import { exitStatus } from './signals.js';
import type {
  OpenOptions,
  RunOptions,
  SshCommandResult,
  SshConnection,
  SshEndpoint,
  SshSession,
  TcpTarget,
} from './transport.js';

/**
 * What an SSH library must give: a stream per channel. Emits 'exit' (code, or null and a signal's name) when the
 * command ended, and 'close' when nothing more comes; on a broken connection 'close' alone.
 */
export interface Channel extends Duplex {
  readonly stderr: Readable;
  close(): void;
  setWindow(rows: number, columns: number, height: number, width: number): void;
}

/** A channel from its first moment on: what happened before anybody asked is not lost. */
export interface WatchedChannel {
  readonly channel: Channel;
  /** Undefined until the command ended, and for ever when the connection broke first. */
  status(): number | undefined;
  /** Resolves when the output has ended and been read. */
  readonly closed: Promise<unknown>;
  /** The same for stderr; a terminal's reader need not read it. */
  readonly errorsClosed: Promise<unknown>;
}

/** To be called as soon as there is a channel, before anything else is awaited. */
export function watchChannel(channel: Channel): WatchedChannel {
  let status: number | undefined;
  channel.once('exit', (code: number | null, signal?: string) => {
    status = exitStatus(code, signal);
  });
  channel.on('error', () => {}); // 'close' follows
  return {
    channel,
    status: () => status,
    closed: closeOf(channel),
    errorsClosed: closeOf(channel.stderr),
  };
}

function closeOf(stream: Readable): Promise<unknown> {
  return new Promise((resolve) => stream.once('close', resolve));
}

/** A logged-in connection that can open channels. */
export interface ChannelSource {
  /** Undefined when the server does not allow one more session now. */
  open(command: string | undefined, terminal: OpenOptions['terminal']): Promise<WatchedChannel | undefined>;
  /** A stream to where the server connects to. */
  dial(target: TcpTarget): Promise<Duplex>;
  /** Resolves when the connection is gone, with what is known about why. */
  readonly closed: Promise<unknown>;
  end(): Promise<void>;
}

/** How long a server may count sessions that have ended. */
const REFUSED_MS = 15_000;

/** Commands over the channels of one connection, as many at once as the server allows. */
export class ChannelConnection implements SshConnection {
  readonly #endpoint: SshEndpoint;
  readonly #source: ChannelSource;
  readonly #lost = new AbortController();
  readonly #slots = new SessionSlots();
  readonly sudoPassword: SshConnection['sudoPassword'];

  constructor(endpoint: SshEndpoint, source: ChannelSource, sudoPassword?: SshConnection['sudoPassword']) {
    this.#endpoint = endpoint;
    this.sudoPassword = sudoPassword;
    this.#source = source;
    source.closed.then((cause) => this.#lost.abort(sshConnectionLost(endpoint, cause)));
  }

  async run(command: ShellCommand, options: RunOptions = {}): Promise<SshCommandResult> {
    const { timeoutMs } = options;
    const timeout = timeoutMs === undefined ? undefined : AbortSignal.timeout(timeoutMs);
    const signal = this.#until(options.signal, timeout);
    try {
      const opened = await this.#openChannel(command, undefined, signal);
      return await this.#collect(opened, options.input, signal);
    } catch (error) {
      if (timeoutMs === undefined || error !== timeout?.reason) throw error;
      throw sshCommandTimeout(this.#endpoint, timeoutMs);
    }
  }

  async open(command: ShellCommand | undefined, options: OpenOptions = {}): Promise<SshSession> {
    const signal = this.#until(options.signal);
    return new ChannelSession(await this.#openChannel(command, options.terminal, signal), signal);
  }

  /** No session: servers do not count these. */
  async dial(target: TcpTarget, signal?: AbortSignal): Promise<Duplex> {
    const until = this.#until(signal);
    using abort = onAbort(until);
    const dialled = this.#source.dial(target);
    try {
      return await Promise.race([dialled, abort.aborted]);
    } catch (error) {
      dialled.then(
        (stream) => stream.destroy(),
        () => {},
      );
      throw until.aborted ? until.reason : sshForwardRefused(this.#endpoint, target, error);
    }
  }

  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#source.end();
  }

  #until(...signals: readonly (AbortSignal | undefined)[]): AbortSignal {
    return AbortSignal.any([this.#lost.signal, ...signals].filter((signal) => signal !== undefined));
  }

  async #openChannel(
    command: ShellCommand | undefined,
    terminal: OpenOptions['terminal'],
    signal: AbortSignal,
  ): Promise<WatchedChannel> {
    using abort = onAbort(signal);
    const giveUp = performance.now() + REFUSED_MS;
    for (let pause = 10; ; pause = Math.min(2 * pause, 500)) {
      const opened = await Promise.race([this.#openNow(command, terminal, signal), abort.aborted]);
      if (typeof opened !== 'string') return opened;
      if (opened === 'fewer') continue;
      if (performance.now() > giveUp) throw sshChannelRefused(this.#endpoint, new Error('too many are open'));
      await Promise.race([delay(pause), abort.aborted]);
    }
  }

  async #openNow(
    command: ShellCommand | undefined,
    terminal: OpenOptions['terminal'],
    signal: AbortSignal,
  ): Promise<WatchedChannel | Exclude<Refusal, 'never'>> {
    const slot = await this.#slots.take(signal);
    const opened = await this.#source.open(command, terminal).catch((error: unknown) => {
      slot.free();
      throw signal.aborted ? signal.reason : sshChannelRefused(this.#endpoint, error);
    });
    if (opened) {
      slot.opened();
      opened.closed.then(() => slot.free());
      if (signal.aborted) opened.channel.close(); // nobody waits for it any more
      return opened;
    }
    const refusal = slot.refused();
    if (refusal !== 'never') return refusal;
    throw sshChannelRefused(this.#endpoint, new Error('it allows no session at all'));
  }

  async #collect(
    { channel, status, closed, errorsClosed }: WatchedChannel,
    input: RunOptions['input'],
    signal: AbortSignal,
  ): Promise<SshCommandResult> {
    using abort = onAbort(signal);
    const stdout = gather(channel);
    const stderr = gather(channel.stderr);
    const fed = feed(channel, input);
    try {
      await Promise.race([Promise.all([closed, errorsClosed]), fed.failed, abort.aborted]);
      const code = status();
      if (code === undefined) throw sshConnectionLost(this.#endpoint);
      return { code, stdout: stdout(), stderr: stderr() };
    } finally {
      fed.stop();
      channel.close();
    }
  }
}

class ChannelSession implements SshSession {
  readonly stdin: Channel;
  readonly stdout: Channel;
  readonly stderr: Readable;
  readonly exited: Promise<number>;
  readonly #watched: WatchedChannel;

  constructor(watched: WatchedChannel, signal: AbortSignal) {
    this.stdin = watched.channel;
    this.stdout = watched.channel;
    this.stderr = watched.channel.stderr;
    this.#watched = watched;
    this.exited = this.#ended(signal);
  }

  resize({ rows, columns }: TerminalSize): void {
    this.#watched.channel.setWindow(rows, columns, 0, 0);
  }

  async #ended(signal: AbortSignal): Promise<number> {
    using abort = onAbort(signal);
    const { channel, status, closed } = this.#watched;
    await Promise.race([closed, abort.aborted.catch(() => {})]);
    channel.close();
    return status() ?? 255;
  }
}

/** A promise that rejects with the signal's reason, and that can be let go. */
function onAbort(signal: AbortSignal): { readonly aborted: Promise<never> } & Disposable {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  const listener = () => reject(signal.reason);
  if (signal.aborted) listener();
  signal.addEventListener('abort', listener, { once: true });
  return { aborted: promise, [Symbol.dispose]: () => signal.removeEventListener('abort', listener) };
}

function gather(stream: Readable): () => string {
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return () => Buffer.concat(chunks).toString('utf8');
}

/** Writes the input, then EOF. A command need not read it all; only the input's own failure counts. */
function feed(channel: Channel, input: RunOptions['input']): { failed: Promise<never>; stop: () => void } {
  const { promise, reject } = Promise.withResolvers<never>();
  promise.catch(() => {});
  if (!(input instanceof Readable)) {
    channel.end(input);
    return { failed: promise, stop: () => {} };
  }
  const stopping = new AbortController();
  let open = true;
  channel.once('close', () => {
    open = false;
  });
  pipeline(input, channel, { signal: stopping.signal }).catch((error) => open && reject(error));
  return { failed: promise, stop: () => stopping.abort() };
}
