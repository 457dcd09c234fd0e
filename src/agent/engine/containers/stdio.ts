import { once } from 'node:events';
import type { Duplex, Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { frameHeader, type StreamName } from '../../../api/multiplex.js';
import type { Attachment } from '../../runtime/runtime.js';

export interface StdioChoice {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

/**
 * Copies between a client's connection and a process until all output has been delivered or the client is gone.
 * The client's half-close ends the process's stdin, never its output. A slow client slows the process down.
 */
export async function copyStdio(
  client: Duplex,
  attachment: Attachment,
  choice: StdioChoice,
  multiplexed: boolean,
): Promise<void> {
  const leave = (): void => attachment.close();
  client.once('close', leave);
  if (client.destroyed) leave();
  copyInput(client, attachment, choice.stdin);
  const out = new ClientOutput(client, multiplexed);
  try {
    await Promise.all([
      copyOutput(attachment.stdout, out, 'stdout', choice.stdout),
      copyOutput(attachment.stderr, out, 'stderr', choice.stderr),
    ]);
  } finally {
    client.off('close', leave);
    attachment.close();
  }
}

/** The client's side of the connection: raw, or in Docker's frames. */
export class ClientOutput {
  readonly #client: Duplex;
  readonly #multiplexed: boolean;

  constructor(client: Duplex, multiplexed: boolean) {
    this.#client = client;
    this.#multiplexed = multiplexed;
  }

  get gone(): boolean {
    return this.#client.destroyed || this.#client.writableEnded;
  }

  /** Resolves when the client can take more, or is gone. */
  async write(stream: StreamName, payload: Buffer): Promise<void> {
    if (this.gone || payload.length === 0) return;
    this.#client.cork();
    if (this.#multiplexed) this.#client.write(frameHeader(stream, payload.length));
    const more = this.#client.write(payload);
    this.#client.uncork();
    if (!more) await drained(this.#client);
  }
}

async function drained(client: Duplex): Promise<void> {
  const over = new AbortController();
  const { signal } = over;
  await Promise.race([once(client, 'drain', { signal }), once(client, 'close', { signal })]).catch(() => {});
  over.abort();
}

function copyInput(client: Duplex, { stdin }: Attachment, wanted: boolean): void {
  if (!wanted) {
    client.resume(); // so that its end is noticed
    return;
  }
  // The process may close its stdin or end while the client still sends: the rest is for nobody.
  pipeline(client, stdin, { end: true }).catch(() => client.resume());
}

async function copyOutput(
  source: Readable,
  out: ClientOutput,
  stream: 'stdout' | 'stderr',
  wanted: boolean,
): Promise<void> {
  if (!wanted) source.resume();
  try {
    for await (const chunk of source as AsyncIterable<Buffer>) {
      if (out.gone) return;
      if (wanted) await out.write(stream, chunk);
    }
  } catch (error) {
    if (!out.gone) throw error; // closing the attachment cuts its streams
  }
}
