import type { Readable } from 'node:stream';
import type { definition } from '../../../buildkit/wire/ops.js';
import type { MessageOf } from '../../../grpc/message.js';
import type { Digest } from '../../../shared/digest.js';
import { randomId } from '../../../shared/identifiers.js';
import type { ImageConfig } from '../../image/image-config.js';
import type { BuildHost } from '../build-host.js';
import type { Blob } from '../cache/cache-place.js';
import { exportCaches } from '../cache/export-cache.js';
import { solveInvalid, solveUnsupported } from '../errors.js';
import type { SyncedTrees } from '../files/synced-trees.js';
import { credentialsOf } from '../session/client-values.js';
import type { Session, Sessions } from '../session/sessions.js';
import { checkExports, type ExportRequest, exportResult } from '../solve/export-result.js';
import type { Job, Jobs } from '../solve/jobs.js';
import { resultOf } from '../solve/result-definition.js';
import { solveDockerfile } from '../solve/solve-dockerfile.js';
import { type Attributes, type CacheEntry, checkFrontend, solveOptions } from '../solve/solve-options.js';
import { answerRequest, type Metadata } from '../solve/subrequests.js';

export interface FrontendRequest {
  readonly frontend: string;
  readonly attributes: Attributes;
  readonly cacheImports: readonly CacheEntry[];
  readonly inputs: ReadonlyMap<string, MessageOf<typeof definition> | undefined>;
  readonly uploads?: ReadonlyMap<string, Readable>;
}

export interface SolverParts {
  readonly host: BuildHost;
  readonly sessions: Sessions;
  readonly jobs: Jobs;
  readonly trees: SyncedTrees;
}

/** What the services have in common: builds and their results. */
export class Solver {
  readonly #parts: SolverParts;
  /** Which blobs layers became in caches, by their diff IDs. */
  readonly #compressed = new Map<Digest, Blob>();

  constructor(parts: SolverParts) {
    this.#parts = parts;
  }

  /** Builds for a job, which keeps the result; answers the result's identity. */
  async solve(job: Job, request: FrontendRequest, signal: AbortSignal): Promise<string> {
    const { context, options } = await this.#prepare(job, request, signal);
    const image = await solveDockerfile(context, options);
    const id = randomId();
    job.results.set(id, image);
    this.#parts.jobs.remember(id, image.config);
    return id;
  }

  /** What the client wants to know of a Dockerfile, without building it. */
  async answer(job: Job, request: FrontendRequest, signal: AbortSignal): Promise<Metadata> {
    job.isQuestion = true;
    const { context, options } = await this.#prepare(job, request, signal);
    return await answerRequest(request.attributes.get('requestid') ?? '', context, options);
  }

  async #prepare(job: Job, request: FrontendRequest, signal: AbortSignal) {
    const { host, trees } = this.#parts;
    checkFrontendName(request);
    const options = solveOptions(request.attributes, request.cacheImports);
    const session = await this.#session(job, signal);
    const { status } = job;
    const { uploads } = request;
    const inputs = this.#inputs(request.inputs);
    const context = { host, trees, session, status, signal, inputs, ...(uploads && { uploads }) };
    return { context, options };
  }

  check(exports: readonly ExportRequest[]): void {
    checkExports(this.#parts.host, exports);
  }

  /** Brings a result of the job where the client wants it. */
  async export(
    job: Job,
    result: string | undefined,
    exports: readonly ExportRequest[],
  ): Promise<Map<string, string>> {
    if (exports.length === 0 || job.isQuestion) return new Map();
    const image = result === undefined ? undefined : job.results.get(result);
    const session = await this.#session(job, job.signal);
    const { status, signal } = job;
    return await exportResult({ host: this.#parts.host, session, status, signal }, image, exports);
  }

  /** Writes the cache of the job's result where the client wants it; answers what it is told of it. */
  async exportCaches(
    job: Job,
    result: string | undefined,
    entries: readonly CacheEntry[],
  ): Promise<ReadonlyMap<string, string>> {
    const image = result === undefined ? undefined : job.results.get(result);
    if (!image || entries.length === 0) return new Map();
    const { status, signal } = job;
    const session = await this.#session(job, signal);
    const login = { credentials: (registry: string) => credentialsOf(session, registry, signal) };
    const context = { host: this.#parts.host, session, status, signal };
    return await exportCaches(context, image, entries, { login, known: this.#compressed });
  }

  #session({ sessionId }: Job, signal: AbortSignal): Promise<Session> {
    return this.#parts.sessions.get(sessionId, signal);
  }

  #inputs(given: FrontendRequest['inputs']): ReadonlyMap<string, ImageConfig> {
    return new Map(
      [...given].map(([name, graph]) => {
        const config = this.#parts.jobs.remembered(resultOf(graph) ?? '');
        if (!config)
          throw solveUnsupported(`the input ${JSON.stringify(name)}, which is no result of this engine,`);
        return [name, config];
      }),
    );
  }
}

function checkFrontendName({ frontend, attributes }: FrontendRequest): void {
  if (frontend === 'dockerfile.v0') return;
  if (frontend === '') throw solveInvalid('no front end was named');
  if (frontend !== 'gateway.v0') throw solveUnsupported(`the front end ${JSON.stringify(frontend)}`);
  checkFrontend(attributes.get('source') ?? '', 'gateway.v0');
}
