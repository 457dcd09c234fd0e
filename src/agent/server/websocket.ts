import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Duplex } from 'node:stream';
import { versionHeaders } from './api-version.js';
import { invalidParameter } from './errors.js';
import type { ApiResponse } from './route.js';
import { closeFrame, dataFrame, type FrameHandler, FrameParser, pongFrame } from './websocket-frames.js';

type WebSocketAnswer = Extract<ApiResponse, { kind: 'websocket' }>;

/** The client's key, with the rest of its handshake checked (RFC 6455, 4.2.1). Throws PARAMETER_INVALID. */
export function webSocketKey(headers: IncomingHttpHeaders): string {
  const key = headers['sec-websocket-key'];
  if (headers.upgrade?.toLowerCase() !== 'websocket' || !key) {
    throw invalidParameter('this end point is for WebSocket clients');
  }
  if (headers['sec-websocket-version'] !== '13') throw invalidParameter('WebSocket version 13 is needed');
  return key;
}

/** Answers the handshake and turns messages into a stream in both directions, until `serve` or the client is done. */
export async function serveWebSocket(connection: Duplex, answer: WebSocketAnswer): Promise<void> {
  connection.write(head(answer.key));
  const client = new WebSocketStream(connection, answer.text);
  client.on('error', () => {}); // the connection is gone; `close` follows
  try {
    await answer.serve(client);
  } finally {
    client.end();
    client.resume();
  }
}

function head(key: string): string {
  const accept = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64');
  const lines = [
    'HTTP/1.1 101 Switching Protocols',
    'Upgrade: websocket',
    'Connection: Upgrade',
    `Sec-WebSocket-Accept: ${accept}`,
    ...Object.entries(versionHeaders).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

/** The payloads of a WebSocket connection. Its end sends a close frame and closes the connection. */
class WebSocketStream extends Duplex implements FrameHandler {
  readonly #connection: Duplex;
  readonly #text: boolean;
  readonly #parser = new FrameParser(this);
  #more = true;
  #closed = false;

  constructor(connection: Duplex, text: boolean) {
    super();
    this.#connection = connection;
    this.#text = text;
    connection.on('data', (chunk: Buffer) => this.#receive(chunk));
    connection.once('end', () => this.onClose());
    connection.once('close', () => this.destroy());
  }

  onData(payload: Buffer): void {
    this.#more = this.push(payload);
  }

  onPing(payload: Buffer): void {
    if (!this.#closed) this.#connection.write(pongFrame(payload));
  }

  onClose(): void {
    if (!this.readableEnded) this.push(null);
    this.#sendClose(NORMAL);
    this.#connection.end(); // what is left to write would be for nobody
  }

  override _read(): void {
    this.#connection.resume();
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (!this.#closed) {
      for (const piece of dataFrame(chunk, { text: this.#text })) this.#connection.write(piece);
    }
    if (this.#connection.writableNeedDrain) this.#connection.once('drain', done);
    else done();
  }

  override _final(done: () => void): void {
    this.#sendClose(NORMAL);
    this.#connection.end(() => done());
    setTimeout(() => this.#connection.destroy(), LINGER_MS).unref(); // for the client to answer
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#connection.destroy();
    done(error);
  }

  #receive(chunk: Buffer): void {
    try {
      this.#more = true;
      this.#parser.write(chunk);
      if (!this.#more) this.#connection.pause();
    } catch {
      this.#sendClose(PROTOCOL_ERROR);
      this.destroy();
    }
  }

  #sendClose(code: number): void {
    if (this.#closed) return;
    this.#closed = true;
    if (this.#connection.writable) this.#connection.write(closeFrame(code));
  }
}

const NORMAL = 1000;
const PROTOCOL_ERROR = 1002;
const LINGER_MS = 2_000;
