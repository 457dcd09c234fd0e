import { Agent as HttpAgent, type RequestOptions } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIP } from 'node:net';

/** Where an engine listens; the certificates are PEM texts. */
export type EngineEndpoint = TlsEndpoint | UnixEndpoint;

export interface TlsEndpoint {
  readonly host: string;
  readonly port: number;
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

interface UnixEndpoint {
  readonly socketPath: string;
}

/** As `DOCKER_HOST` writes it. */
export function endpointUrl(endpoint: EngineEndpoint): string {
  if ('socketPath' in endpoint) return `unix://${endpoint.socketPath}`;
  const host = isIP(endpoint.host) === 6 ? `[${endpoint.host}]` : endpoint.host;
  return `tcp://${host}:${endpoint.port}`;
}

export function isTls(endpoint: EngineEndpoint): endpoint is TlsEndpoint {
  return 'host' in endpoint;
}

/** Keeps connections for further requests; the caller destroys it. */
export function createAgent(endpoint: EngineEndpoint): HttpAgent {
  // TCP keep-alive finds out that a host is gone while a stream such as `logs -f` is silent.
  const options = { keepAlive: true, keepAliveMsecs: 15_000 };
  if (!isTls(endpoint)) return new HttpAgent(options);
  const { ca, cert, key, host } = endpoint;
  return new HttpsAgent({
    ...options,
    ca,
    cert,
    key,
    minVersion: 'TLSv1.2',
    servername: isIP(host) ? '' : host, // SNI may not be an address (RFC 6066, section 3)
  });
}

/** What `http.request` needs to find the engine. */
export function addressOptions(endpoint: EngineEndpoint): RequestOptions {
  if (isTls(endpoint)) return { host: endpoint.host, port: endpoint.port };
  // The Host header of a Unix socket carries no name; Docker's client sends a fixed one too.
  return { socketPath: endpoint.socketPath, headers: { host: 'docker' } };
}
