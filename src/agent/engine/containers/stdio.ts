import { type Duplex, type Readable, Transform } from 'node:stream';
import { frameHeader, type StreamName } from '../../../api/multiplex.js';
import type { Attachment } from '../../runtime/runtime.js';
import { DetachWatcher } from './detach-keys.js';

export interface StdioChoice {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
}

export interface CopyOptions extends StdioChoice {
  readonly multiplexed: boolean;
  /** In the input of a terminal they end the copying, and the process goes on. */
  readonly detachKeys?: Buffer | undefined;
  /** Instead of closing the attachment when the client goes first. */
  readonly leave?: () => void;
}

/**
 * Copies between a client's connection and a process until all output has been delivered, the client is gone or it
 * has sent the detach keys. The client's half-close ends the process's stdin, never its output. A slow client slows
 * the process down.
 */
export async function copyStdio(
  client: Duplex,
  attachment: Attachment,
  options: CopyOptions,
): Promise<'ended' | 'detached'> {
  const detach = Promise.withResolvers<'detached'>();
  copyInput(client, attachment, options, () => detach.resolve('detached'));
  const gone = Promise.withResolvers<'ended'>();
  const leave = (): void => gone.resolve('ended');
  client.once('close', leave);
  if (client.destroyed) leave();
  const copied = copyOutputs(client, attachment, options);
  copied.catch(() => {}); // where it is not the first, nobody waits for it
  const first = await Promise.race([copied, gone.promise, detach.promise]).catch((error) => {
    attachment.close();
    throw error;
  });
  client.off('close', leave);
  if (first === 'copied' || !options.leave) attachment.close();
  else options.leave();
  return first === 'detached' ? 'detached' : 'ended';
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

/** Without an AbortSignal: aborting one for each chunk made an error each time, a tenth of the whole work. */
function drained(client: Duplex): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const done = (): void => {
    client.off('drain', done);
    client.off('close', done);
    resolve();
  };
  client.once('drain', done);
  client.once('close', done);
  return promise;
}

async function copyOutputs(client: Duplex, attachment: Attachment, options: CopyOptions): Promise<'copied'> {
  const out = new ClientOutput(client, options.multiplexed);
  await Promise.all([
    copyOutput(attachment.stdout, out, 'stdout', options.stdout),
    copyOutput(attachment.stderr, out, 'stderr', options.stderr),
  ]);
  return 'copied';
}

/** Not a `pipeline`: that would cut the client off, and with it output on its way, once stdin is closed. */
function copyInput(client: Duplex, { stdin }: Attachment, options: CopyOptions, detach: () => void): void {
  client.on('error', () => {}); // its 'close' follows
  if (!options.stdin) {
    client.resume(); // so that its end is noticed
    return;
  }
  const { detachKeys } = options;
  const input = detachKeys ? client.pipe(untilDetached(new DetachWatcher(detachKeys), detach)) : client;
  // The process may close its stdin or end while the client still sends: the rest is for nobody.
  stdin.on('error', () => {});
  input.pipe(stdin);
  if (stdin.destroyed) input.resume();
  else stdin.once('close', () => input.resume());
}

const nothing = Buffer.alloc(0);

/** After the keys the rest of the input is for nobody, and the process's stdin stays open. */
function untilDetached(watcher: DetachWatcher, detach: () => void): Transform {
  let detached = false;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      const taken = detached ? { input: nothing, detached } : watcher.take(chunk);
      if (taken.detached && !detached) detach();
      detached = taken.detached;
      done(null, taken.input.length > 0 ? taken.input : undefined);
    },
  });
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
      // Leaving the loop would close the stream, and the process would end at its next write.
      if (wanted) await out.write(stream, chunk);
    }
  } catch (error) {
    if (!out.gone) throw error; // closing the attachment cuts its streams
  }
}
