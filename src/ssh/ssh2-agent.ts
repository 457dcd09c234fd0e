import type { Duplex } from 'node:stream';
import { types } from 'node:util';
import ssh2, { type BaseAgent, type ParsedKey, type SignCallback, type SigningRequestOptions } from 'ssh2';
import { type Identities, publicBlob } from './identities.js';

/** ssh-agent and the keys it holds, those of the endpoint's own files first. */
export interface OpenAgent {
  readonly agent: BaseAgent;
  readonly keys: readonly ParsedKey[];
}

/** Undefined where it does not answer: without it, what is left is still tried. */
export async function openAgent(identities: Identities, signal: AbortSignal): Promise<OpenAgent | undefined> {
  if (identities.agent === undefined) return undefined;
  const agent = ssh2.createAgent(identities.agent);
  const { promise, resolve } = Promise.withResolvers<readonly ParsedKey[]>();
  const stop = () => resolve([]);
  signal.addEventListener('abort', stop, { once: true });
  try {
    agent.getIdentities((error, keys) => resolve(error ? [] : (keys ?? []).flatMap(parsed)));
    const keys = await promise;
    signal.throwIfAborted();
    const own = [...identities.keys, ...identities.locked].map(publicBlob);
    const isOwn = (key: ParsedKey) => own.some((blob) => blob?.equals(key.getPublicSSH()));
    return { agent, keys: [...keys.filter(isOwn), ...keys.filter((key) => !isOwn(key))] };
  } finally {
    signal.removeEventListener('abort', stop);
  }
}

function parsed(key: unknown): ParsedKey[] {
  if (typeof key !== 'string' && !Buffer.isBuffer(key)) return [key as ParsedKey]; // ssh2's agent parses them itself
  const read = ssh2.utils.parseKey(key);
  return types.isNativeError(read) ? [] : [read];
}

/** An agent that offers one of its keys, so that they can be tried one by one. */
export class OneKeyAgent extends ssh2.BaseAgent {
  readonly #agent: BaseAgent;
  readonly #key: ParsedKey;

  constructor(agent: BaseAgent, key: ParsedKey) {
    super();
    this.#agent = agent;
    this.#key = key;
  }

  getIdentities(callback: (error: Error | undefined, keys?: ParsedKey[]) => void): void {
    callback(undefined, [this.#key]);
  }

  sign(
    key: string | Buffer | ParsedKey,
    data: Buffer,
    ...rest: [SigningRequestOptions, (SignCallback | undefined)?] | [SignCallback]
  ): void {
    const [first, callback] = rest;
    if (typeof first === 'function') this.#agent.sign(key, data, first);
    else this.#agent.sign(key, data, first, callback);
  }
}

/**
 * A connection to an ssh-agent of this process that holds these private keys (the texts of their files), as if one
 * had been reached. Throws when a key cannot be read or is under a passphrase.
 */
export function serveKeys(privateKeys: readonly string[]): Duplex {
  const keys = privateKeys.map((text) => {
    const key = ssh2.utils.parseKey(text);
    if (types.isNativeError(key)) throw key;
    return key;
  });
  const agent = new ssh2.AgentProtocol(false);
  agent.on('identities', (request) => agent.getIdentitiesReply(request, keys));
  agent.on('sign', (request, wanted, data, { hash }) => {
    const key = keys.find((each) => each.getPublicSSH().equals(wanted.getPublicSSH()));
    const signature = key?.sign(data, hash);
    if (signature === undefined || types.isNativeError(signature)) agent.failureReply(request);
    else agent.signReply(request, key?.type.startsWith('ecdsa-') ? withoutDer(signature) : signature);
  });
  return agent;
}

/** An ECDSA signature in OpenSSL's form, a sequence of two integers, as the two that SSH writes (RFC 5656, 3.1.2). */
function withoutDer(signature: Buffer): Buffer {
  const numbers: Buffer[] = [];
  for (let at = (signature[1] ?? 0) > 0x80 ? 3 : 2; at < signature.length; ) {
    const length = signature[at + 1] ?? 0;
    const head = Buffer.alloc(4);
    head.writeUInt32BE(length);
    numbers.push(head, signature.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return Buffer.concat(numbers);
}
