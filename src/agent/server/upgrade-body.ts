import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { bodyTooLarge, invalidParameter } from './errors.js';

const limit = 16 * 1024 * 1024;

/**
 * The body of a request that came with `Upgrade` (`POST /exec/{id}/start` has one). Node up to 24 leaves it on the
 * raw socket, partly in `head`; Node 26 hands it on in the request. What comes behind it is the client's input
 * and is put back.
 */
export async function readUpgradeBody(
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): Promise<Buffer> {
  const length = lengthOf(request);
  let gathered = head;
  if (gathered.length < length)
    gathered = Buffer.concat([head, await more(request, socket, length - head.length)]);
  const rest = gathered.subarray(length);
  if (rest.length > 0) socket.unshift(rest);
  return gathered.subarray(0, length);
}

function lengthOf(request: IncomingMessage): number {
  if (request.headers['transfer-encoding'] !== undefined) {
    throw invalidParameter('a request with an Upgrade header needs a Content-Length');
  }
  const length = Number(request.headers['content-length'] ?? 0);
  if (!Number.isInteger(length) || length < 0) throw invalidParameter('invalid Content-Length');
  if (length > limit) throw bodyTooLarge(limit);
  return length;
}

/** From whichever of the two brings it. */
function more(request: IncomingMessage, socket: Duplex, missing: number): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  const take = (chunk: Buffer): void => {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= missing) finish();
  };
  const fail = (): void => reject(invalidParameter('the request ended before its body was complete'));
  const finish = (): void => {
    request.off('data', take);
    socket.off('data', take);
    socket.off('end', fail);
    socket.off('close', fail);
    socket.pause();
    resolve(Buffer.concat(chunks));
  };
  request.on('data', take);
  socket.on('data', take);
  socket.once('end', fail);
  socket.once('close', fail);
  return promise;
}
