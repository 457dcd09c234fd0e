import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import { noPortFree } from './errors.js';

/** Below what the kernel gives to outgoing connections (32768 and up), so that a port stays free while unused. */
const range = { from: 20_000, to: 30_000 };

/** Two ports of 127.0.0.1 on which nobody listens now. */
export async function freePorts(): Promise<readonly [number, number]> {
  const first = await freePort();
  return [first, await freePort(first)];
}

async function freePort(except?: number): Promise<number> {
  for (let tries = 0; tries < 1000; tries += 1) {
    const port = randomInt(range.from, range.to);
    if (port !== except && (await isFree(port))) return port;
  }
  throw noPortFree();
}

async function isFree(port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.once('error', () => resolve(false));
  server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  return promise;
}
