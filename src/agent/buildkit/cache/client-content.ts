import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  abortRequest,
  infoRequest,
  infoResponse,
  readRequest,
  readResponse,
  writeAction,
  writeRequest,
  writeResponse,
} from '../../../buildkit/wire/content.js';
import { nothing } from '../../../buildkit/wire/control.js';
import { GrpcError, grpcCode } from '../../../grpc/errors.js';
import { type Digest, digestOf } from '../../../shared/digest.js';
import { randomId } from '../../../shared/identifiers.js';
import { solveInvalid } from '../errors.js';
import { withDeadline } from '../session/client-values.js';
import type { Session } from '../session/sessions.js';
import type { Blob } from './cache-place.js';

const service = '/containerd.services.content.v1.Content';

/** Go's servers take no message above 4 MiB. */
const pieceLength = 1024 * 1024;

/** Documents are held in memory. */
const largestDocument = 16 * 1024 * 1024;

/** A directory of the client's with blobs by their digests (an OCI layout), as its session offers it. */
export class ClientContent {
  readonly #session: Session;
  readonly #metadata: Readonly<Record<string, string>>;
  readonly #signal: AbortSignal;

  /** `store`: "local:DIRECTORY" or "oci:NAME". */
  constructor(session: Session, store: string, signal: AbortSignal) {
    if (!session.supports(`${service}/Read`))
      throw solveInvalid(`the client offers no content store ${store}`);
    this.#session = session;
    this.#metadata = { 'buildkit-attachable-store-id': store };
    this.#signal = signal;
  }

  /** Undefined when it is not there. */
  async size(digest: Digest): Promise<number | undefined> {
    const types = { request: infoRequest, response: infoResponse };
    const options = { metadata: this.#metadata, signal: withDeadline(this.#signal) };
    try {
      return (await this.#session.client.unary(`${service}/Info`, types, { digest }, options)).info?.size;
    } catch (error) {
      if (error instanceof GrpcError && error.status.code === grpcCode.notFound) return undefined;
      throw error;
    }
  }

  /** A small blob, verified. */
  async document(digest: Digest): Promise<Buffer> {
    const pieces: Buffer[] = [];
    let size = 0;
    for await (const piece of this.#read(digest)) {
      size += piece.length;
      if (size > largestDocument) throw solveInvalid(`the document ${digest} is larger than 16 MiB`);
      pieces.push(piece);
    }
    const content = Buffer.concat(pieces);
    if (digestOf(content) === digest) return content;
    throw solveInvalid(`the document ${digest} has the digest ${digestOf(content)}`);
  }

  open(digest: Digest): Readable {
    return Readable.from(this.#read(digest), { objectMode: false });
  }

  async *#read(digest: Digest): AsyncGenerator<Buffer> {
    using call = this.#session.client.stream(
      `${service}/Read`,
      { request: readRequest, response: readResponse },
      { metadata: this.#metadata, signal: this.#signal },
    );
    await call.send({ digest });
    call.end();
    for await (const { data } of call.responses) if (data.length > 0) yield Buffer.from(data);
  }

  /** Its digest is known at its end. */
  async write(content: AsyncIterable<Buffer>): Promise<Blob> {
    const ref = `tsmachine-${randomId()}`;
    try {
      return await this.#write(ref, content);
    } catch (error) {
      if (!this.#signal.aborted) await this.#abort(ref);
      throw error;
    }
  }

  async #write(ref: string, content: AsyncIterable<Buffer>): Promise<Blob> {
    using call = this.#session.client.stream(
      `${service}/Write`,
      { request: writeRequest, response: writeResponse },
      { metadata: this.#metadata, signal: this.#signal },
    );
    const answers = call.responses[Symbol.asyncIterator]();
    const ask = async (request: Parameters<typeof call.send>[0]): Promise<void> => {
      await call.send({ ref, ...request });
      await answers.next();
    };
    await ask({ action: writeAction.stat });
    const hash = createHash('sha256');
    let size = 0;
    for await (const chunk of content) {
      for (let at = 0; at < chunk.length; at += pieceLength) {
        const data = chunk.subarray(at, at + pieceLength);
        hash.update(data);
        await ask({ action: writeAction.write, offset: size, data });
        size += data.length;
      }
    }
    const digest: Digest = `sha256:${hash.digest('hex')}`;
    await ask({ action: writeAction.commit, offset: size, total: size, expected: digest }).catch(unlessThere);
    call.end();
    return { digest, size };
  }

  async #abort(ref: string): Promise<void> {
    const options = { metadata: this.#metadata, signal: withDeadline(this.#signal) };
    const types = { request: abortRequest, response: nothing };
    await this.#session.client.unary(`${service}/Abort`, types, { ref }, options).catch(() => {}); // it is gone
  }
}

function unlessThere(error: unknown): void {
  if (!(error instanceof GrpcError && error.status.code === grpcCode.alreadyExists)) throw error;
}
