import type { Duplex } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import type { Client, ClientChannel } from 'ssh2';
import { isTsmachineError } from '../shared/errors.js';
import {
  ChannelConnection,
  type ChannelSource,
  type WatchedChannel,
  watchChannel,
} from './channel-connection.js';
import { connectionFailure } from './connection-failure.js';
import { findIdentities, type IdentitySources, userIdentitySources } from './identities.js';
import { LoginAttempts } from './login-attempts.js';
import { PausableDeadline } from './pausable-deadline.js';
import { openAgent } from './ssh2-agent.js';
import { type HopOptions, logIn, meansOf } from './ssh2-login.js';
import type {
  Asking,
  ConnectOptions,
  HostKeyVerifier,
  LoginSecrets,
  OpenOptions,
  SshConnection,
  SshEndpoint,
  SshTransport,
  TcpTarget,
} from './transport.js';

export interface Ssh2TransportOptions {
  /** Judges the keys of jump hosts; the verifier of `connect` is the target's alone. */
  readonly jumpHostKeys: HostKeyVerifier;
  readonly identities?: () => IdentitySources;
}

/** SSH in this process: no ssh program is needed. Only this and the files beside it named ssh2-… know ssh2. */
export class Ssh2Transport implements SshTransport {
  readonly #jumpHostKeys: HostKeyVerifier;
  readonly #identities: () => IdentitySources;

  constructor({ jumpHostKeys, identities = userIdentitySources }: Ssh2TransportOptions) {
    this.#jumpHostKeys = jumpHostKeys;
    this.#identities = identities;
  }

  async connect(endpoint: SshEndpoint, options: ConnectOptions): Promise<SshConnection> {
    const { hostKeys, timeoutMs = 20_000 } = options;
    using deadline = new PausableDeadline(timeoutMs);
    const signal = options.signal ? AbortSignal.any([options.signal, deadline.signal]) : deadline.signal;
    const secrets = options.secrets && unhurried(options.secrets, deadline);
    const clients: Client[] = [];
    try {
      for (const hop of endpoint.jumpHosts ?? []) {
        const hopOptions = { hostKeys: this.#jumpHostKeys, secrets, signal };
        clients.push(await this.#login(hop, clients.at(-1), hopOptions));
      }
      clients.push(await this.#login(endpoint, clients.at(-1), { hostKeys, secrets, signal }));
    } catch (error) {
      closeAll(clients);
      options.signal?.throwIfAborted();
      throw error;
    }
    const asked = options.secrets;
    const sudoPassword = asked && ((asking: Asking) => asked.sudoPassword(endpoint, asking));
    return new ChannelConnection(endpoint, new Ssh2Channels(clients), sudoPassword);
  }

  /** Again over a new connection where the server hung up before everything was tried. */
  async #login(endpoint: SshEndpoint, through: Client | undefined, options: HopOptions): Promise<Client> {
    const { secrets, signal } = options;
    const identities = await findIdentities(endpoint, this.#identities(), { canAsk: secrets !== undefined });
    const agent = await openAgent(identities, signal);
    const attempts = new LoginAttempts(endpoint, meansOf(identities, agent, secrets), signal);
    for (;;) {
      const { taken } = attempts;
      const sock = through && (await forward(through, endpoint, signal));
      const login = { ...options, sock, attempts, agent, partial: false };
      try {
        return await logIn(endpoint, login);
      } catch (error) {
        const hungUp = isTsmachineError(error) && error.code === 'SSH_AUTHENTICATION_FAILED';
        const canGoOn = !attempts.exhausted && attempts.taken > taken && !login.partial;
        if (!hungUp || !canGoOn || signal.aborted) throw error;
      }
    }
  }
}

/** People are not to be hurried by a deadline for networks. */
function unhurried(secrets: LoginSecrets, deadline: PausableDeadline): LoginSecrets {
  return {
    passwords: secrets.passwords,
    advice: secrets.advice,
    password: (...question) => deadline.pausedFor(() => secrets.password(...question)),
    passphrase: (...question) => deadline.pausedFor(() => secrets.passphrase(...question)),
    answer: (...question) => deadline.pausedFor(() => secrets.answer(...question)),
    sudoPassword: (...question) => deadline.pausedFor(() => secrets.sudoPassword(...question)),
  };
}

const beforeHandshake = { handshake: false, tried: [], missing: [], advice: [] };

async function forward(client: Client, endpoint: SshEndpoint, signal: AbortSignal): Promise<ClientChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>();
  const onAbort = () => reject(connectionFailure(endpoint, signal.reason, beforeHandshake));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    client.forwardOut('127.0.0.1', 0, endpoint.host, endpoint.port, (error, channel) =>
      error ? reject(connectionFailure(endpoint, error, beforeHandshake)) : resolve(channel),
    );
    return await promise;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

/** The channels of the last client; the ones before it only carry it. */
class Ssh2Channels implements ChannelSource {
  readonly #clients: readonly Client[];
  readonly #client: Client;
  readonly closed: Promise<unknown>;

  constructor(clients: readonly Client[]) {
    const client = clients.at(-1);
    if (!client) throw new TypeError('a connection needs a client');
    this.#clients = clients;
    this.#client = client;
    let cause: unknown;
    for (const each of clients) {
      each.on('error', (error) => {
        cause ??= error;
      });
    }
    this.closed = new Promise((resolve) => {
      client.once('close', () => resolve(cause));
    });
  }

  async open(
    command: string | undefined,
    terminal: OpenOptions['terminal'],
  ): Promise<WatchedChannel | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<WatchedChannel | undefined>();
    const callback = (error: Error | undefined, channel: ClientChannel) => {
      if (!error) resolve(watchChannel(channel));
      else if ('reason' in error)
        resolve(undefined); // SSH_MSG_CHANNEL_OPEN_FAILURE (RFC 4254, section 5.1)
      else reject(error);
    };
    const pty = terminal && {
      term: terminal.term,
      cols: terminal.columns,
      rows: terminal.rows,
      width: 0,
      height: 0,
    };
    if (command === undefined) this.#client.shell(pty ?? false, callback);
    else this.#client.exec(command, pty ? { pty } : {}, callback);
    return promise;
  }

  async dial({ host, port }: TcpTarget): Promise<Duplex> {
    const { promise, resolve, reject } = Promise.withResolvers<Duplex>();
    this.#client.forwardOut('127.0.0.1', 0, host, port, (error, channel) =>
      error ? reject(error) : resolve(channel),
    );
    return promise;
  }

  async end(): Promise<void> {
    this.#client.end();
    await Promise.race([this.closed, delay(1000, undefined, { ref: false })]);
    closeAll(this.#clients);
  }
}

/** Innermost first. */
function closeAll(clients: readonly Client[]): void {
  for (const client of clients.toReversed()) client.destroy();
}
