import type { BuiltImage } from '../../build/exec/request.js';
import type { ImageConfig } from '../../image/image-config.js';
import { jobNotFound } from '../errors.js';
import { Rendezvous } from '../rendezvous.js';
import { BuildStatus } from '../status/build-status.js';

/** One build of a client, from its request to the end of its export. */
export interface Job {
  readonly ref: string;
  readonly sessionId: string;
  readonly status: BuildStatus;
  readonly signal: AbortSignal;
  /** Of the front end's calls, by the identity that the client was told. */
  readonly results: Map<string, BuiltImage>;
  /** What was downloaded for the client to read. */
  readonly files: Map<string, { readonly name: string; readonly content: Buffer }>;
  /** What the client's own part of the front end has ended with: the identity of a result, or none. */
  readonly returned: PromiseWithResolvers<string | undefined>;
  /** The client has only asked something: nothing is exported, whatever it names. */
  isQuestion: boolean;
}

/** Calls that belong to a build may come before it. */
const patienceMs = 5_000;
/** A client may ask how a build went that is over already. */
const memoryMs = 10_000;
/** Results that other builds may begin with. */
const mostRemembered = 64;

export class Jobs {
  readonly #jobs = new Rendezvous<Job>(patienceMs, jobNotFound);
  readonly #configs = new Map<string, ImageConfig>();

  begin(ref: string, sessionId: string, signal: AbortSignal): Job {
    const job: Job = {
      ...{ ref, sessionId, signal, status: new BuildStatus(ref), results: new Map(), files: new Map() },
      ...{ returned: Promise.withResolvers(), isQuestion: false },
    };
    job.returned.promise.catch(() => {}); // awaited by builds whose front end is the client's
    this.#jobs.put(ref, job);
    return job;
  }

  async end(job: Job): Promise<void> {
    job.status.log.close();
    for (const image of job.results.values()) await image[Symbol.asyncDispose]();
    job.results.clear();
    job.files.clear();
    setTimeout(() => this.#jobs.remove(job.ref, job), memoryMs).unref();
  }

  /** Throws JOB_NOT_FOUND when it does not come in time. */
  get(ref: string, signal: AbortSignal): Promise<Job> {
    return this.#jobs.get(ref, signal);
  }

  /** A result stays known for a while: another build of the client may begin with it. */
  remember(id: string, config: ImageConfig): void {
    this.#configs.set(id, config);
    const [oldest] = this.#configs.keys();
    if (this.#configs.size > mostRemembered && oldest !== undefined) this.#configs.delete(oldest);
  }

  remembered(id: string): ImageConfig | undefined {
    return this.#configs.get(id);
  }
}
