import { type RequestOptions, request } from 'node:https';
import { isIP } from 'node:net';
import { type ConnectionOptions, createSecureContext, type SecureContext } from 'node:tls';
import { errorMessage, systemErrorCode, type TsmachineError } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import { certificateRefused, engineTimeout, engineUnreachable } from './errors.js';

/** Where an agent listens and what opens it; PEM texts. */
export interface EngineEndpoint {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

export interface EngineVersion {
  readonly version: string;
  readonly apiVersion: string;
}

export interface ProbeOptions {
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
}

/** Throws ENGINE_UNREACHABLE, ENGINE_TIMEOUT, CERTIFICATE_INVALID. */
export interface EngineProbe {
  ping(endpoint: EngineEndpoint, options: ProbeOptions): Promise<void>;
  version(endpoint: EngineEndpoint, options: ProbeOptions): Promise<EngineVersion>;
}

/** Over mutual TLS, one connection per question. */
export const engineProbe: EngineProbe = {
  async ping(endpoint, options) {
    await get(endpoint, '/_ping', options);
  },
  async version(endpoint, options) {
    const value: unknown = JSON.parse(await get(endpoint, '/version', options));
    const { Version, ApiVersion } = isJsonObject(value) ? value : {};
    return { version: String(Version ?? ''), apiVersion: String(ApiVersion ?? '') };
  },
};

async function get(endpoint: EngineEndpoint, path: string, options: ProbeOptions): Promise<string> {
  options.signal?.throwIfAborted();
  const url = `tcp://${endpoint.host}:${endpoint.port}`;
  const deadline = AbortSignal.timeout(options.timeoutMs);
  const signal = options.signal ? AbortSignal.any([options.signal, deadline]) : deadline;
  try {
    return await exchange(endpoint, path, signal);
  } catch (error) {
    options.signal?.throwIfAborted();
    if (deadline.aborted) throw engineTimeout(url, options.timeoutMs);
    throw translate(url, error);
  }
}

async function exchange(endpoint: EngineEndpoint, path: string, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const options: RequestOptions & Pick<ConnectionOptions, 'secureContext'> = {
    host: endpoint.host,
    port: endpoint.port,
    path,
    agent: false,
    secureContext: secureContextOf(endpoint),
    servername: isIP(endpoint.host) ? '' : endpoint.host, // SNI may not be an address (RFC 6066, section 3)
    signal,
  };
  const outgoing = request(options);
  let secured = false;
  outgoing.once('socket', (socket) => socket.once('secureConnect', () => (secured = true)));
  // With TLS 1.3 a client learns only after its handshake that its certificate was not accepted (RFC 8446, 4.4.2.4).
  outgoing.once('error', (error) =>
    reject(secured && systemErrorCode(error) === 'ECONNRESET' ? new Error(refusal, { cause: error }) : error),
  );
  outgoing.once('response', (response) => {
    let body = '';
    response.setEncoding('utf8');
    response.on('data', (chunk: string) => {
      body += chunk;
    });
    response.once('error', reject);
    response.once('end', () => {
      if (response.statusCode === 200) resolve(body);
      else reject(new Error(`status ${response.statusCode} for ${path}`));
    });
  });
  outgoing.end();
  return promise;
}

/** Parsed once for all machines that share their certificates: that is most of what a question costs. */
function secureContextOf({ ca, cert, key }: EngineEndpoint): SecureContext {
  const id = `${ca}${cert}${key}`;
  const known = secureContexts.get(id);
  if (known) return known;
  const made = createSecureContext({ ca, cert, key });
  secureContexts.set(id, made);
  return made;
}

const secureContexts = new Map<string, SecureContext>();

const refusal = 'the host closed the connection when it saw our certificate';

function translate(url: string, error: unknown): TsmachineError {
  const code = systemErrorCode(error) ?? '';
  const aboutCertificates = /^CERT_|_CERT|^ERR_TLS_CERT|^ERR_SSL|^UNABLE_TO_|SELF_SIGNED/.test(code);
  if (aboutCertificates || /certificate/i.test(errorMessage(error))) return certificateRefused(url, error);
  return engineUnreachable(url, error);
}
