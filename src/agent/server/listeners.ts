import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer as createHttpServer, type Server as HttpServer, type ServerOptions } from 'node:http';
import { createServer as createTlsServer, type Server as TlsServer } from 'node:https';
import type { ListenOptions } from 'node:net';
import { dirname } from 'node:path';
import { systemErrorCode, TsmachineError } from '../../shared/errors.js';
import type { ApiServer } from './server.js';

/** PEM texts. */
export interface TlsMaterial {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
}

export interface Listener extends AsyncDisposable {
  /** Where it listens, for the log. */
  readonly address: string;
}

export interface TlsListener extends Listener {
  readonly port: number;
  /** New connections see the new certificates; those that are open stay as they are. */
  reload(material: TlsMaterial): void;
}

/** An upload may take as long as it takes; a client that is idle may come back for ten minutes. */
const http: ServerOptions = { requestTimeout: 0, headersTimeout: 60_000, keepAliveTimeout: 600_000 };

/** Serves on a Unix socket of mode 0660; what an agent that was killed left at the path is replaced. */
export async function listenOnSocket(server: ApiServer, path: string): Promise<Listener> {
  await mkdir(dirname(path), { recursive: true });
  await rm(path, { force: true });
  const listener = createHttpServer(http, server.onRequest);
  listener.on('upgrade', server.onUpgrade);
  await listen(listener, { path });
  await chmod(path, 0o660);
  return {
    address: `unix://${path}`,
    async [Symbol.asyncDispose]() {
      await close(listener);
      await rm(path, { force: true });
    },
  };
}

/** Serves TLS 1.2 and later to clients with a certificate of the authority, and to nobody else. */
export async function listenOnTls(
  server: ApiServer,
  address: { readonly host: string; readonly port: number },
  material: TlsMaterial,
): Promise<TlsListener> {
  const options = {
    ...http,
    ...secureContext(material),
    requestCert: true,
    rejectUnauthorized: true,
    handshakeTimeout: 30_000,
  };
  const listener = createTlsServer(options, server.onRequest);
  // Half-open: a client that has sent its input still reads the output. Set as an option of the server it would
  // also hold the connections of clients that break off the handshake, until its time is over.
  listener.on('secureConnection', (socket) => {
    socket.allowHalfOpen = true;
  });
  listener.on('upgrade', server.onUpgrade);
  await listenOnHost(listener, address);
  const bound = listener.address();
  const port = typeof bound === 'object' && bound ? bound.port : address.port;
  return {
    address: `tcp://${address.host.includes(':') ? `[${address.host}]` : address.host}:${port}`,
    port,
    reload: (renewed) => listener.setSecureContext(secureContext(renewed)),
    [Symbol.asyncDispose]: () => close(listener),
  };
}

function secureContext({ ca, certificate, key }: TlsMaterial) {
  return { ca, cert: certificate, key, minVersion: 'TLSv1.2' as const };
}

/** A host without IPv6 cannot listen on "::"; there all IPv4 addresses are what is meant. */
async function listenOnHost(
  listener: TlsServer,
  { host, port }: { host: string; port: number },
): Promise<void> {
  try {
    await listen(listener, { host, port });
  } catch (error) {
    const code = systemErrorCode(error);
    if (host !== '::' || (code !== 'EAFNOSUPPORT' && code !== 'EADDRNOTAVAIL')) {
      throw cannotListen(`${host}:${port}`, error);
    }
    await listen(listener, { host: '0.0.0.0', port });
  }
}

function listen(listener: HttpServer | TlsServer, options: ListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  listener.once('error', reject);
  listener.listen(options, () => {
    listener.off('error', reject);
    resolve();
  });
  return promise;
}

/** Idle connections are closed at once; those that are being served get a moment. */
function close(listener: HttpServer | TlsServer): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  listener.close(() => resolve());
  listener.closeIdleConnections();
  setTimeout(() => listener.closeAllConnections(), graceMs).unref();
  return promise;
}

const graceMs = 300;

function cannotListen(address: string, cause: unknown): TsmachineError {
  const reason = systemErrorCode(cause) === 'EADDRINUSE' ? 'the address is in use' : String(cause);
  return new TsmachineError('unavailable', 'CANNOT_LISTEN', `cannot listen on "${address}": ${reason}`, {
    cause,
  });
}
