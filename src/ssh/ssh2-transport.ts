import { setTimeout as delay } from 'node:timers/promises';
import { types } from 'node:util';
import ssh2, {
  type AnyAuthMethod,
  type CipherAlgorithm,
  type Client,
  type ClientChannel,
  type ConnectConfig,
  type ServerHostKeyAlgorithm,
} from 'ssh2';
import {
  ChannelConnection,
  type ChannelSource,
  type WatchedChannel,
  watchChannel,
} from './channel-connection.js';
import { connectionFailure } from './connection-failure.js';
import { sshIdentityUnusable } from './errors.js';
import { findIdentities, type IdentitySources, userIdentitySources } from './identities.js';
import type {
  ConnectOptions,
  HostKeyVerifier,
  OpenOptions,
  SshConnection,
  SshEndpoint,
  SshTransport,
} from './transport.js';

export interface Ssh2TransportOptions {
  /** Judges the keys of jump hosts; the verifier of `connect` is the target's alone. */
  readonly jumpHostKeys: HostKeyVerifier;
  readonly identities?: () => IdentitySources;
}

/** SSH in this process: no ssh program is needed. The only place that knows ssh2. */
export class Ssh2Transport implements SshTransport {
  readonly #jumpHostKeys: HostKeyVerifier;
  readonly #identities: () => IdentitySources;

  constructor({ jumpHostKeys, identities = userIdentitySources }: Ssh2TransportOptions) {
    this.#jumpHostKeys = jumpHostKeys;
    this.#identities = identities;
  }

  async connect(endpoint: SshEndpoint, options: ConnectOptions): Promise<SshConnection> {
    const { hostKeys, timeoutMs = 20_000 } = options;
    const timeout = AbortSignal.timeout(timeoutMs);
    const signal = options.signal ? AbortSignal.any([options.signal, timeout]) : timeout;
    const clients: Client[] = [];
    try {
      for (const hop of endpoint.jumpHosts ?? []) {
        clients.push(await this.#login(hop, this.#jumpHostKeys, clients.at(-1), signal));
      }
      clients.push(await this.#login(endpoint, hostKeys, clients.at(-1), signal));
    } catch (error) {
      closeAll(clients);
      options.signal?.throwIfAborted();
      throw error;
    }
    return new ChannelConnection(endpoint, new Ssh2Channels(clients));
  }

  async #login(
    endpoint: SshEndpoint,
    hostKeys: HostKeyVerifier,
    through: Client | undefined,
    signal: AbortSignal,
  ): Promise<Client> {
    const { methods, tried } = await authentication(endpoint, this.#identities());
    const sock = through && (await forward(through, endpoint, signal));
    return logIn(endpoint, { methods, tried, hostKeys, sock, signal });
  }
}

interface Authentication {
  readonly methods: readonly AnyAuthMethod[];
  /** What they are, for the error message. */
  readonly tried: readonly string[];
}

async function authentication(endpoint: SshEndpoint, sources: IdentitySources): Promise<Authentication> {
  const { keys, agent } = await findIdentities(endpoint, sources);
  const methods: AnyAuthMethod[] = keys.map(({ path, privateKey }) => {
    const key = ssh2.utils.parseKey(privateKey);
    if (types.isNativeError(key)) throw sshIdentityUnusable(path, 'it is not a private key', key);
    return { type: 'publickey', username: endpoint.user, key };
  });
  if (agent !== undefined) methods.push({ type: 'agent', username: endpoint.user, agent });
  const tried = [...keys.map(({ path }) => `"${path}"`), ...(agent === undefined ? [] : ['ssh-agent'])];
  return { methods, tried };
}

interface LoginOptions extends Authentication {
  readonly hostKeys: HostKeyVerifier;
  readonly sock: ClientChannel | undefined;
  readonly signal: AbortSignal;
}

async function logIn(endpoint: SshEndpoint, options: LoginOptions): Promise<Client> {
  const { signal } = options;
  signal.throwIfAborted();
  const client = new ssh2.Client();
  const progress = { handshake: false, tried: options.tried };
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  const fail = (error: unknown) => reject(connectionFailure(endpoint, error, progress));
  const onAbort = () => fail(signal.reason);
  client.on('handshake', () => {
    progress.handshake = true;
  });
  client.on('error', (error: Error & { level?: string }) => {
    if (error.level !== 'agent') fail(error); // without the agent, what is left is still tried
  });
  client.once('close', () => fail(undefined));
  client.once('ready', () => resolve(client));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    client.connect({
      ...connectConfig(endpoint, options),
      hostVerifier: verifier(endpoint, options, reject),
    });
    return await promise;
  } catch (error) {
    client.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function connectConfig(endpoint: SshEndpoint, { methods, sock, hostKeys }: LoginOptions): ConnectConfig {
  return {
    host: endpoint.host,
    port: endpoint.port,
    username: endpoint.user,
    authHandler: [...methods],
    readyTimeout: 0, // ours covers every hop together
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    algorithms: { cipher: ciphers, serverHostKey: hostKeyAlgorithms(hostKeys.keyType) },
    ...(sock && { sock }),
  };
}

/** node:crypto does AES-GCM in hardware; without ssh2's addon the other ciphers are several times slower. */
const ciphers: CipherAlgorithm[] = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
  'chacha20-poly1305@openssh.com',
];

/** Those of the known key first, so that a server with several keys does not look changed. */
function hostKeyAlgorithms(keyType: string | undefined): ServerHostKeyAlgorithm[] {
  const all: readonly { type: string; algorithm: ServerHostKeyAlgorithm }[] = [
    { type: 'ssh-ed25519', algorithm: 'ssh-ed25519' },
    { type: 'ecdsa-sha2-nistp256', algorithm: 'ecdsa-sha2-nistp256' },
    { type: 'ecdsa-sha2-nistp384', algorithm: 'ecdsa-sha2-nistp384' },
    { type: 'ecdsa-sha2-nistp521', algorithm: 'ecdsa-sha2-nistp521' },
    // An RSA key signs with SHA-2 under names of its own (RFC 8332).
    { type: 'ssh-rsa', algorithm: 'rsa-sha2-512' },
    { type: 'ssh-rsa', algorithm: 'rsa-sha2-256' },
  ];
  const known = all.filter(({ type }) => type === keyType);
  return [...known, ...all.filter(({ type }) => type !== keyType)].map(({ algorithm }) => algorithm);
}

function verifier(endpoint: SshEndpoint, { hostKeys }: LoginOptions, reject: (error: unknown) => void) {
  return (hostKey: Buffer, verify: (valid: boolean) => void): void => {
    hostKeys.verify(endpoint, hostKey).then(
      () => verify(true),
      (error) => {
        reject(error); // before ssh2 says less about it
        verify(false);
      },
    );
  };
}

const beforeHandshake = { handshake: false, tried: [] };

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
