import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import type { ProgressMessage } from '../../api/progress.js';
import { statusResponse } from '../../buildkit/wire/control.js';
import { type Methods, serveGrpc } from '../../grpc/server.js';
import { errorMessage } from '../../shared/errors.js';
import { randomId } from '../../shared/identifiers.js';
import type { BuildHost } from './build-host.js';
import { SyncedTrees } from './files/synced-trees.js';
import { controlMethods } from './services/control.js';
import { gatewayMethods } from './services/gateway.js';
import { Solver } from './services/solver.js';
import { type SessionInfo, Sessions } from './session/sessions.js';
import type { ExportRequest } from './solve/export-result.js';
import { Jobs } from './solve/jobs.js';
import type { Attributes } from './solve/solve-options.js';

/** `POST /build` with version=2, as docker 18.09 to 22 sends it. */
export interface SessionBuildRequest {
  /** By which it can be cancelled. */
  readonly ref: string;
  readonly sessionId: string;
  readonly attributes: Attributes;
  readonly exports: readonly ExportRequest[];
  readonly cacheFrom: readonly string[];
  /** In place of the client's directory: its name among the attributes, and its tar. */
  readonly uploads: ReadonlyMap<string, Readable>;
  readonly signal: AbortSignal;
}

/** The builder for BuildKit's clients. Loaded when the first of them comes. */
export class BuildKit {
  readonly #sessions = new Sessions();
  readonly #jobs = new Jobs();
  readonly #trees: SyncedTrees;
  readonly #solver: Solver;
  readonly #methods: Methods;

  constructor(host: BuildHost) {
    this.#trees = new SyncedTrees(join(host.directory, 'contexts'));
    const parts = { host, jobs: this.#jobs, trees: this.#trees, sessions: this.#sessions };
    this.#solver = new Solver(parts);
    this.#methods = new Map([
      ...controlMethods({ ...parts, solver: this.#solver }),
      ...gatewayMethods({ ...parts, solver: this.#solver }),
    ]);
  }

  serveSession(connection: Duplex, info: SessionInfo): Promise<void> {
    return this.#sessions.serve(connection, info);
  }

  serveGrpc(connection: Duplex): Promise<void> {
    return serveGrpc(connection, this.#methods);
  }

  /** Removes what was kept of the directories of clients. */
  pruneContexts(): Promise<void> {
    return this.#trees.prune();
  }

  /** The status as messages of `POST /build`; its failure is the last of them. */
  async *build(request: SessionBuildRequest): AsyncGenerator<ProgressMessage> {
    const job = this.#jobs.begin(request.ref || randomId(), request.sessionId, request.signal);
    const work = this.#work(request, job).finally(() => this.#jobs.end(job));
    work.catch(() => {}); // awaited below
    for await (const update of job.status.log.read(request.signal)) {
      yield { id: 'moby.buildkit.trace', aux: Buffer.from(statusResponse.encode(update)).toString('base64') };
    }
    try {
      const ID = await work;
      if (ID !== undefined) yield { id: 'moby.image.id', aux: { ID } };
    } catch (error) {
      request.signal.throwIfAborted();
      const message = errorMessage(error);
      yield { errorDetail: { message }, error: message };
    }
  }

  async #work(
    request: SessionBuildRequest,
    job: Parameters<Solver['solve']>[0],
  ): Promise<string | undefined> {
    this.#solver.check(request.exports);
    const cacheImports = request.cacheFrom.map((ref) => ({
      Type: 'registry',
      Attrs: new Map([['ref', ref]]),
    }));
    const { attributes, uploads, signal } = request;
    const solve = {
      frontend: 'dockerfile.v0',
      inputs: new Map<string, undefined>(),
      attributes,
      cacheImports,
      uploads,
    };
    const result = await this.#solver.solve(job, solve, signal);
    const response = await this.#solver.export(job, result, request.exports);
    return response.get('containerimage.digest');
  }
}
