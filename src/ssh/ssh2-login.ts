import { types } from 'node:util';
import ssh2, {
  type AnyAuthMethod,
  type AuthHandlerMiddleware,
  type CipherAlgorithm,
  type Client,
  type ClientChannel,
  type ConnectConfig,
  type KeyboardInteractiveAuthMethod,
  type ServerHostKeyAlgorithm,
} from 'ssh2';
import { connectionFailure } from './connection-failure.js';
import { sshIdentityUnusable, sshPasswordExpired } from './errors.js';
import { type Identities, publicBlob } from './identities.js';
import { answerQuestions, type LoginAttempts, type LoginMeans, type LoginStep } from './login-attempts.js';
import { OneKeyAgent, type OpenAgent } from './ssh2-agent.js';
import type { HostKeyVerifier, LoginSecrets, SshEndpoint } from './transport.js';

export interface HopOptions {
  readonly hostKeys: HostKeyVerifier;
  readonly secrets: LoginSecrets | undefined;
  readonly signal: AbortSignal;
}

export interface Login extends HopOptions {
  readonly sock: ClientChannel | undefined;
  readonly attempts: LoginAttempts;
  readonly agent: OpenAgent | undefined;
  /** A method was accepted, and the server wants another one too. */
  partial: boolean;
}

/** One connection; `attempts` may have more for another one. */
export async function logIn(endpoint: SshEndpoint, login: Login): Promise<Client> {
  const { signal, attempts } = login;
  signal.throwIfAborted();
  const client = new ssh2.Client();
  let handshake = false;
  const { promise, resolve, reject } = Promise.withResolvers<Client>();
  const fail = (error: unknown) => {
    const { tried, missing, advice } = attempts;
    reject(connectionFailure(endpoint, error, { handshake, tried, missing, advice }));
  };
  const onAbort = () => fail(signal.reason);
  client.on('handshake', () => {
    handshake = true;
  });
  client.on('error', (error: Error & { level?: string }) => {
    if (error.level !== 'agent') fail(error); // without the agent, what is left is still tried
  });
  client.once('close', () => fail(undefined));
  client.once('change password', () => reject(sshPasswordExpired(endpoint)));
  client.once('ready', () => resolve(client));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    client.connect({
      ...connectConfig(endpoint, login, reject),
      hostVerifier: verifier(endpoint, login, reject),
    });
    return await promise;
  } catch (error) {
    client.destroy();
    throw error;
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

function connectConfig(endpoint: SshEndpoint, login: Login, fail: (error: unknown) => void): ConnectConfig {
  const { sock, hostKeys } = login;
  return {
    host: endpoint.host,
    port: endpoint.port,
    username: endpoint.user,
    authHandler: authHandler(endpoint, login, fail),
    readyTimeout: 0, // ours covers every hop together
    keepaliveInterval: 10_000,
    keepaliveCountMax: 3,
    algorithms: { cipher: ciphers, serverHostKey: hostKeyAlgorithms(hostKeys.keyType) },
    ...(sock && { sock }),
  };
}

function authHandler(
  endpoint: SshEndpoint,
  login: Login,
  fail: (error: unknown) => void,
): AuthHandlerMiddleware {
  return (allowed: readonly string[] | null, partial, next) => {
    if (partial) login.partial = true;
    login.attempts.next(allowed ?? undefined).then(
      // `false` ends the login; the types of ssh2 leave it out.
      (step) => next((step ? methodOf(endpoint, step, login, fail) : false) as AnyAuthMethod),
      fail,
    );
  };
}

function methodOf(
  endpoint: SshEndpoint,
  step: LoginStep,
  { agent, secrets, attempts, signal }: Login,
  fail: (error: unknown) => void,
): AnyAuthMethod {
  const username = endpoint.user;
  switch (step.kind) {
    case 'none':
      return { type: 'none', username };
    case 'password':
      return { type: 'password', username, password: step.password };
    case 'key': {
      const { identity, passphrase } = step;
      return {
        type: 'publickey',
        username,
        key: identity.privateKey,
        ...(passphrase !== undefined && { passphrase }),
      };
    }
    case 'agent': {
      const key = agent?.keys[step.key];
      if (!agent || !key) throw new TypeError('ssh-agent has no such key');
      return { type: 'agent', username, agent: new OneKeyAgent(agent.agent, key) };
    }
    case 'questions': {
      const prompt: KeyboardInteractiveAuthMethod['prompt'] = (
        _name,
        _instructions,
        _language,
        prompts,
        finish,
      ) => {
        if (!secrets) return finish([]);
        const questions = prompts.map(({ prompt: text, echo = false }) => ({ text, echo }));
        answerQuestions(endpoint, questions, secrets, { attempt: step.attempt, signal }).then((answers) => {
          if (!answers) attempts.lacks('answers to its questions');
          finish(answers ?? questions.map(() => ''));
        }, fail);
      };
      return { type: 'keyboard-interactive', username, prompt };
    }
  }
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

function verifier(endpoint: SshEndpoint, { hostKeys }: HopOptions, reject: (error: unknown) => void) {
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

export function meansOf(
  { keys, locked }: Identities,
  agent: OpenAgent | undefined,
  secrets: LoginSecrets | undefined,
): LoginMeans {
  const held = (agent?.keys ?? []).map((key) => key.getPublicSSH());
  for (const { path, privateKey } of keys) {
    const key = ssh2.utils.parseKey(privateKey);
    if (types.isNativeError(key)) throw sshIdentityUnusable(path, 'it is not a private key', key);
  }
  return {
    keys,
    locked: secrets
      ? locked.filter((identity) => !held.some((blob) => publicBlob(identity)?.equals(blob)))
      : [],
    agentKeys: held.length,
    secrets,
    opens: ({ privateKey }, passphrase) => !types.isNativeError(ssh2.utils.parseKey(privateKey, passphrase)),
  };
}
