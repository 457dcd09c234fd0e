import { PassThrough } from 'node:stream';
import type {
  ConnectOptions,
  OpenOptions,
  SshCommandResult,
  SshConnection,
  SshEndpoint,
  SshSession,
  SshTransport,
} from '../../src/ssh/transport.js';

/** A transport whose hosts accept everybody. Counts connections; can refuse the first attempts. */
export class FakeSsh implements SshTransport {
  readonly connections: SshEndpoint[] = [];
  readonly opened: { command: string | undefined; options: OpenOptions | undefined }[] = [];
  /** Thrown by the next connections, one each. */
  readonly refusals: unknown[] = [];
  open = 0;
  hostKey = wireKey('first');
  /** What a session answers. */
  answer = { stdout: '', stderr: '', code: 0 };

  async connect(endpoint: SshEndpoint, options: ConnectOptions): Promise<SshConnection> {
    options.signal?.throwIfAborted();
    const refusal = this.refusals.shift();
    if (refusal !== undefined) throw refusal;
    await options.hostKeys.verify(endpoint, this.hostKey);
    this.connections.push(endpoint);
    this.open += 1;
    return {
      run: async () => this.#result(),
      open: async (command, openOptions) => {
        this.opened.push({ command, options: openOptions });
        return this.#session();
      },
      dial: async () => new PassThrough(),
      lost: new AbortController().signal,
      [Symbol.asyncDispose]: async () => {
        this.open -= 1;
      },
    };
  }

  #result(): SshCommandResult {
    return this.answer;
  }

  #session(): SshSession {
    const stdin = new PassThrough().resume();
    const stdout = new PassThrough();
    const stderr = new PassThrough();
    stdout.end(this.answer.stdout);
    stderr.end(this.answer.stderr);
    return { stdin, stdout, stderr, exited: Promise.resolve(this.answer.code), resize: () => {} };
  }
}

/** The wire form of a key (RFC 4253, section 6.6) that is different for every text. */
export function wireKey(text: string): Uint8Array {
  const parts = [Buffer.from('ssh-ed25519'), Buffer.from(text.padEnd(32))];
  return Buffer.concat(
    parts.flatMap((part) => {
      const length = Buffer.alloc(4);
      length.writeUInt32BE(part.length);
      return [length, part];
    }),
  );
}
