import { Readable } from 'node:stream';

/** A build's context that comes as the body of another request: "upload-request:ID"; undefined for none. */
export function uploadName(ref: string): string | undefined {
  return ref.startsWith('upload-request:') ? ref.slice('upload-request:'.length) : undefined;
}

/** For the other of the two requests to come. */
const patienceMs = 30_000;

/** Contexts on their way from the requests that bring them to the builds that want them. */
export class Uploads {
  readonly #offered = new Map<string, PromiseWithResolvers<Upload>>();

  /** Resolves when the build has read it, or nobody has come for it. */
  async offer(id: string, body: Readable, signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const late = setTimeout(resolve, patienceMs);
    const begun = (): void => clearTimeout(late);
    this.#place(id).resolve({ body, begun, done: resolve });
    signal.addEventListener('abort', () => resolve(), { once: true });
    body.once('close', resolve);
    await promise;
    clearTimeout(late);
    this.#offered.delete(id);
  }

  async take(id: string, signal: AbortSignal): Promise<Readable> {
    const { promise, reject } = this.#place(id);
    const late = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)]);
    const leave = (): void => reject(late.reason);
    late.addEventListener('abort', leave);
    try {
      const upload = await promise;
      upload.begun();
      return Readable.from(read(upload), { objectMode: false });
    } finally {
      late.removeEventListener('abort', leave);
      this.#offered.delete(id);
    }
  }

  #place(id: string): PromiseWithResolvers<Upload> {
    const place = this.#offered.get(id) ?? Promise.withResolvers<Upload>();
    place.promise.catch(() => {}); // told by `take`
    this.#offered.set(id, place);
    return place;
  }
}

interface Upload {
  readonly body: Readable;
  readonly begun: () => void;
  readonly done: () => void;
}

async function* read({ body, done }: Upload): AsyncGenerator<Buffer> {
  try {
    yield* body as AsyncIterable<Buffer>; // a request's body without an encoding
  } finally {
    done();
  }
}
