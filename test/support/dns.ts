import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer, type Socket } from 'node:net';
import {
  decodeQuery,
  encodeAnswer,
  encodeFailure,
  encodeName,
  ResponseCode,
} from '../../src/agent/dns/message.js';
import { framed, MessageReader } from '../../src/agent/dns/tcp-framing.js';
import { eventedSocket } from '../../src/agent/kernel/evented.js';
import { bindSocket, connectSocket, inNetworkNamespace } from '../../src/agent/kernel/network-namespace.js';

/** A DNS request with one question. */
export function question(
  name: string,
  type: number,
  { id = 1, udpSize }: { readonly id?: number; readonly udpSize?: number } = {},
): Buffer {
  const header = Buffer.alloc(12);
  header.writeUInt16BE(id, 0);
  header.writeUInt16BE(0x0100, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(udpSize === undefined ? 0 : 1, 10);
  const opt = Buffer.from('0000290000000000000000', 'hex');
  if (udpSize !== undefined) opt.writeUInt16BE(udpSize, 3);
  const parts = [header, encodeName(name), Buffer.of(0, type, 0, 1)];
  return Buffer.concat(udpSize === undefined ? parts : [...parts, opt]);
}

type Way = 'udp' | 'tcp' | 'tcp-shared';

/** Asks 127.0.0.11 from a network namespace. */
export class DnsClient {
  readonly #namespace: number;
  #shared: { readonly socket: Socket; readonly waiting: Map<number, (answer: Buffer) => void> } | undefined;

  constructor(namespace: number) {
    this.#namespace = namespace;
  }

  /** Rejects without an answer after some seconds, or when the connection is closed. */
  async ask(message: Buffer, way: Way): Promise<Buffer> {
    if (way === 'tcp-shared') return this.#askShared(message);
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    const reader = new MessageReader();
    const socket = this.#connect(way, (chunk) => {
      for (const one of way === 'udp' ? [chunk] : reader.push(chunk)) resolve(one);
      return true;
    });
    const timer = setTimeout(() => reject(new Error('no answer')), 8_000);
    socket.on('error', reject);
    socket.on('end', () => reject(new Error('closed')));
    socket.write(way === 'udp' ? message : framed(message));
    return promise.finally(() => {
      clearTimeout(timer);
      socket.destroy();
    });
  }

  /** Without waiting for an answer. */
  send(message: Buffer): void {
    const socket = this.#connect('udp', () => true);
    socket.on('error', () => {});
    socket.end(message, () => socket.destroy());
  }

  /** Many questions on one connection. */
  async #askShared(message: Buffer): Promise<Buffer> {
    this.#shared ??= this.#openShared();
    const { socket, waiting } = this.#shared;
    const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
    waiting.set(message.readUInt16BE(0), resolve);
    socket.once('end', () => reject(new Error('closed')));
    socket.write(framed(message));
    return promise;
  }

  #openShared() {
    const reader = new MessageReader();
    const waiting = new Map<number, (answer: Buffer) => void>();
    const socket = this.#connect('tcp', (chunk) => {
      for (const one of reader.push(chunk)) waiting.get(one.readUInt16BE(0))?.(one);
      return true;
    });
    socket.setMaxListeners(0).on('error', () => {});
    return { socket, waiting };
  }

  #connect(kind: 'udp' | 'tcp', receive: (chunk: Buffer) => boolean): Socket {
    const connect = () => connectSocket(kind, { address: '127.0.0.11', port: 53 });
    return eventedSocket(inNetworkNamespace(this.#namespace, connect), receive);
  }
}

/**
 * A name server on port 53 of a loopback address. "missing…" does not exist, "broken…" fails, "silent…" gets no answer,
 * "large…" 200 addresses, all others 192.0.2.1.
 */
export class FakeUpstream implements Disposable {
  readonly address: string;
  /** "udp example.org". */
  readonly asked: string[] = [];
  readonly #udp = createSocket('udp4');
  readonly #tcp = createServer();

  private constructor(address: string) {
    this.address = address;
  }

  /** In a network namespace, or on an address of this machine's loopback that nobody else uses. */
  static async start(namespace: number | undefined, address = randomLoopback()): Promise<FakeUpstream> {
    const server = new FakeUpstream(address);
    const open = () => ({
      udp: bindSocket('udp', { address, port: 53 }).fd,
      tcp: bindSocket('tcp', { address, port: 53 }).fd,
    });
    const fds = namespace === undefined ? open() : inNetworkNamespace(namespace, open);
    server.#udp.on('message', (message, from) => {
      const answer = server.#answer(message, 'udp');
      if (answer) server.#udp.send(answer, from.port, from.address);
    });
    server.#tcp.on('connection', (socket) => {
      const reader = new MessageReader();
      socket.on('error', () => {});
      socket.on('data', (chunk) => {
        for (const message of reader.push(chunk)) {
          const answer = server.#answer(message, 'tcp');
          if (answer) socket.write(framed(answer));
        }
      });
    });
    server.#udp.bind({ fd: fds.udp, exclusive: true });
    server.#tcp.listen({ fd: fds.tcp });
    return server;
  }

  [Symbol.dispose](): void {
    this.#udp.close();
    this.#tcp.close();
  }

  #answer(message: Buffer, kind: string): Buffer | undefined {
    const query = decodeQuery(message);
    if (typeof query !== 'object') return undefined;
    this.asked.push(`${kind} ${query.name}`);
    if (query.name.startsWith('silent')) return undefined;
    if (query.name.startsWith('missing')) return encodeFailure(query, ResponseCode.NXDOMAIN);
    if (query.name.startsWith('broken')) return encodeFailure(query, ResponseCode.SERVFAIL);
    const count = query.name.startsWith('large') ? 200 : 1;
    const records = new Array<Buffer>(count).fill(Buffer.of(192, 0, 2, 1));
    return encodeAnswer(query, records, kind === 'udp' ? query.udpSize : 0xffff);
  }
}

function randomLoopback(): string {
  return `127.${randomInt(100, 200)}.${randomInt(1, 255)}.${randomInt(1, 255)}`;
}
