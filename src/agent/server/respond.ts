import type { ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { errorMessage } from '../../shared/errors.js';
import { httpStatus } from './http-status.js';
import type { ApiResponse } from './route.js';

type PlainResponse = Exclude<ApiResponse, { kind: 'hijack' | 'websocket' }>;

/** Puts an answer on the wire and resolves when it is there. */
export async function respond(response: ServerResponse, answer: PlainResponse): Promise<void> {
  switch (answer.kind) {
    case 'json':
      return sendJson(response, answer.status, answer.body);
    case 'text':
      response.writeHead(answer.status, {
        'Content-Type': 'text/plain; charset=utf-8',
        'Content-Length': Buffer.byteLength(answer.body),
        ...answer.headers,
      });
      response.end(answer.body);
      return;
    case 'empty':
      response.writeHead(answer.status, answer.headers);
      response.end();
      return;
    case 'stream':
      response.writeHead(answer.status, { 'Content-Type': answer.type, ...answer.headers });
      response.flushHeaders();
      await pipeline(Readable.from(answer.source, { objectMode: false }), response, {
        end: !answer.trailers,
      });
      if (!answer.trailers) return;
      response.addTrailers(answer.trailers());
      response.end();
      return;
    case 'messages':
      return sendMessages(response, answer.source, answer.early ?? false);
  }
}

/** `{"message": …}` with the status of the error's kind; 304 has no body. */
export function respondError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy(); // a truncated answer must not look complete
    return;
  }
  const status = httpStatus(error);
  if (status === 304) {
    response.writeHead(304);
    response.end();
    return;
  }
  sendJson(response, status, { message: errorMessage(error) });
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  const text = Buffer.from(`${JSON.stringify(body)}\n`);
  response.writeHead(status, { 'Content-Type': 'application/json', 'Content-Length': text.length });
  response.end(text);
}

async function sendMessages(
  response: ServerResponse,
  source: AsyncIterable<object>,
  early: boolean,
): Promise<void> {
  response.setHeader('Content-Type', 'application/json');
  if (early) response.flushHeaders();
  try {
    await pipeline(
      source,
      async function* lines(messages: AsyncIterable<object>) {
        for await (const message of messages) yield `${JSON.stringify(message)}\r\n`;
      },
      response,
      { end: false },
    );
  } catch (error) {
    if (!response.headersSent || response.destroyed) throw error;
    const message = errorMessage(error);
    response.write(`${JSON.stringify({ errorDetail: { message }, error: message })}\r\n`);
  }
  response.end();
}
