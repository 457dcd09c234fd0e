import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, isIP, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { systemErrorCode } from '../../../shared/errors.js';
import { UnixDatagram } from '../../kernel/datagram.js';

/** Where log messages go. */
export type SinkAddress =
  | { readonly transport: 'udp' | 'tcp'; readonly host: string; readonly port: number }
  | { readonly transport: 'tcp+tls'; readonly host: string; readonly port: number; readonly tls: SinkTls }
  | { readonly transport: 'unix' | 'unixgram'; readonly path: string };

/** Files of this machine, and whether any server's certificate will do. Without `ca` the system's roots count. */
export interface SinkTls {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly skipVerify: boolean;
}

export interface LogSink extends Disposable {
  /** Resolves when the message has been handed over. Rejects when the receiver has gone: open another sink. */
  write(message: Buffer): Promise<void>;
}

/** Connects. Throws what node:net throws, after at most five seconds. */
export async function openSink(address: SinkAddress, signal: AbortSignal): Promise<LogSink> {
  if (address.transport === 'udp') return openUdp(address.host, address.port);
  if (address.transport === 'unixgram') return openDatagrams(address.path, signal);
  if (address.transport === 'tcp+tls') return openTls(address, signal);
  const { transport: _, ...target } = address;
  return streamSink(connect({ ...target }), 'connect', signal);
}

async function openUdp(host: string, port: number): Promise<LogSink> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4').unref();
  const connected = once(socket, 'connect');
  socket.connect(port, host);
  await connected;
  socket.on('error', () => {}); // a receiver that is not there yet: this is UDP
  return {
    write: (message) => new Promise((resolve) => socket.send(message, () => resolve())),
    [Symbol.dispose]: () => void socket.close(),
  };
}

function openDatagrams(path: string, signal: AbortSignal): LogSink {
  const socket = new UnixDatagram(path);
  return {
    async write(message) {
      for (;;) {
        try {
          return socket.send(message);
        } catch (error) {
          if (systemErrorCode(error) !== 'EAGAIN') throw error;
          await delay(10, undefined, { signal }); // the receiver is behind
        }
      }
    },
    [Symbol.dispose]: () => socket[Symbol.dispose](),
  };
}

async function openTls(
  { host, port, tls }: Extract<SinkAddress, { transport: 'tcp+tls' }>,
  signal: AbortSignal,
): Promise<LogSink> {
  const files = [tls.ca, tls.cert, tls.key].map((path) => (path === undefined ? undefined : readFile(path)));
  const [ca, cert, key] = await Promise.all(files);
  const socket = connectTls({
    ...{ host, port, rejectUnauthorized: !tls.skipVerify, minVersion: 'TLSv1.2' as const },
    ...(isIP(host) === 0 && { servername: host }),
    ...(ca && { ca }),
    ...(cert && { cert }),
    ...(key && { key }),
  });
  return streamSink(socket, 'secureConnect', signal);
}

async function streamSink(socket: Socket, opened: string, signal: AbortSignal): Promise<LogSink> {
  socket.unref();
  try {
    await once(socket, opened, { signal: AbortSignal.any([signal, AbortSignal.timeout(5_000)]) });
  } catch (error) {
    socket.on('error', () => {}).destroy();
    throw error;
  }
  let broken: Error | undefined;
  socket.on('error', (error) => {
    broken = error;
  });
  socket.resume();
  return {
    write: (message) =>
      new Promise((resolve, reject) => {
        if (broken || socket.destroyed) reject(broken ?? new Error('the connection is closed'));
        else socket.write(message, (error) => (error ? reject(error) : resolve()));
      }),
    [Symbol.dispose]: () => void socket.destroySoon(),
  };
}
