import { once } from 'node:events';
import type { Duplex, Readable, Writable } from 'node:stream';
import { FrameDecoder } from '../../api/multiplex.js';
import { systemErrorCode } from '../../shared/errors.js';
import { enterRawMode } from '../raw-mode.js';
import { DetachFilter } from './detach-keys.js';
import { outputClosed } from './errors.js';
import type { Stdio } from './stdio.js';

export interface SessionOptions {
  /** The stream is a terminal's: raw in both directions, and keys go to the container as they are pressed. */
  readonly tty: boolean;
  /** Send this process's input; otherwise the container sees its end at once. */
  readonly stdin: boolean;
  /** Heeded on a terminal only. */
  readonly detachKeys: Buffer;
}

export type SessionEnd = 'ended' | 'detached';

/**
 * Joins this process's streams with a hijacked connection until the other side has sent all its output, or the
 * detach keys are pressed. The end of input is passed on as a half-close; a reader that is slow slows the writer
 * down in both directions. Restores the terminal and destroys the connection. Throws OUTPUT_CLOSED when the reader
 * of our own output is gone, and whatever breaks the connection.
 */
export async function runSession(
  connection: Duplex,
  stdio: Stdio,
  options: SessionOptions,
): Promise<SessionEnd> {
  const isRaw = options.tty && options.stdin && stdio.stdin.isTTY;
  await using _raw = isRaw ? enterRawMode(stdio.stdin) : undefined;
  connection.on('error', () => {}); // reading reports it; writing must not end the program
  try {
    const { detached, input } = sendInput(connection, stdio, options);
    return await Promise.race([
      detached,
      copyOutput(connection, stdio, options.tty).then((): SessionEnd => 'ended'),
    ]).finally(() => stopInput(stdio, input));
  } finally {
    connection.destroy();
  }
}

export interface Output {
  readonly stdout: Writable;
  readonly stderr: Writable;
}

/** Framed output goes to stdout and stderr, a terminal's output to stdout. Throws OUTPUT_CLOSED. */
export async function copyOutput(source: Readable, { stdout, stderr }: Output, tty: boolean): Promise<void> {
  const broken = Promise.withResolvers<never>();
  const onError = (error: Error) => {
    broken.reject(systemErrorCode(error) === 'EPIPE' ? outputClosed() : error);
  };
  broken.promise.catch(() => {});
  for (const stream of [stdout, stderr]) stream.on('error', onError);
  try {
    const copying = tty ? copyRaw(source, stdout) : copyFrames(source, stdout, stderr);
    await Promise.race([copying, broken.promise]);
  } finally {
    for (const stream of [stdout, stderr]) stream.off('error', onError);
  }
}

async function copyRaw(source: Readable, stdout: Writable): Promise<void> {
  for await (const chunk of source) await write(stdout, chunk);
}

async function copyFrames(source: Readable, stdout: Writable, stderr: Writable): Promise<void> {
  const decoder = new FrameDecoder();
  for await (const chunk of source) {
    for (const { stream, payload } of decoder.push(chunk)) {
      await write(stream === 'stdout' ? stdout : stderr, payload);
    }
  }
}

async function write(stream: Writable, chunk: Buffer): Promise<void> {
  if (!stream.write(chunk)) await once(stream, 'drain');
}

interface Input {
  readonly input: Readable | undefined;
  /** Never settles unless the keys are pressed. */
  readonly detached: Promise<SessionEnd>;
}

function sendInput(connection: Duplex, { stdin }: Stdio, options: SessionOptions): Input {
  const { promise, resolve } = Promise.withResolvers<SessionEnd>();
  if (!options.stdin) {
    connection.end();
    return { input: undefined, detached: promise };
  }
  stdin.on('error', () => connection.end()); // such as reading a terminal from the background
  if (!options.tty) {
    stdin.pipe(connection);
    return { input: stdin, detached: promise };
  }
  const filter = new DetachFilter(options.detachKeys);
  filter.once('detach', () => resolve('detached'));
  stdin.pipe(filter).pipe(connection);
  return { input: stdin, detached: promise };
}

/** An open input would keep the process alive after the container's end. */
function stopInput({ stdin }: Stdio, input: Readable | undefined): void {
  if (!input) return;
  stdin.unpipe();
  stdin.pause();
  stdin.unref?.();
}
