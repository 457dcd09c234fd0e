import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Duplex, Readable } from 'node:stream';
import type { HostConfig } from '../../../api/container-config.js';
import type { Filters } from '../../../api/filters.js';
import type { ProgressMessage } from '../../../api/progress.js';
import { digestHex } from '../../../shared/digest.js';
import { errorMessage } from '../../../shared/errors.js';
import { randomId, shortId } from '../../../shared/identifiers.js';
import { KeyedMutex } from '../../../shared/keyed-mutex.js';
import { openContext } from '../../build/context/open-context.js';
import { CommandFailed } from '../../build/errors.js';
import { scratchIn } from '../../build/exec/change-layer.js';
import { parsePlatform } from '../../build/exec/platform.js';
import type { BuildPlatform } from '../../build/exec/request.js';
import { ClassicOutput } from '../../build/output/classic-output.js';
import type { BuildKit } from '../../buildkit/buildkit.js';
import type { SessionInfo } from '../../buildkit/session/sessions.js';
import { familiarReference, type Reference } from '../../image/reference.js';
import type { RegistryCredentials } from '../../registry/puller.js';
import { type Emit, messagesOf } from '../messages.js';
import type { BuildServiceContext } from './build-context.js';
import { EngineBuildHost } from './build-host.js';
import { conditionsOf } from './cache-filter.js';
import { removeCommandsLeft } from './container-commands.js';
import { listBuildCache, pruneBuildCache } from './prune-cache.js';
import { Uploads, uploadName } from './uploads.js';

/** `POST /build` as the client has asked it. */
export interface ClassicBuildRequest {
  readonly context: Readable;
  readonly dockerfile: string | undefined;
  /** A URL in place of the context. */
  readonly remote: string | undefined;
  readonly tags: readonly string[];
  readonly quiet: boolean;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly removeContainers: boolean;
  readonly cacheFrom: readonly string[];
  readonly buildArgs: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly target: string | undefined;
  readonly platform: string | undefined;
  readonly hostConfig: HostConfig;
  readonly credentials: ReadonlyMap<string, RegistryCredentials>;
  readonly signal: AbortSignal;
}

export interface SessionBuild {
  /** By which the client cancels it; one that begins with "upload-request:" brings another build's context. */
  readonly ref: string;
  readonly sessionId: string;
  readonly remote: string | undefined;
  readonly attributes: ReadonlyMap<string, string>;
  readonly exports: readonly { readonly type: string; readonly attributes: ReadonlyMap<string, string> }[];
  readonly cacheFrom: readonly string[];
  readonly body: Readable;
  readonly signal: AbortSignal;
}

/** Building images. */
export class BuildService {
  readonly #context: BuildServiceContext;
  readonly #host: EngineBuildHost;
  readonly #uploads = new Uploads();
  /** By their identity: builds that can be cancelled. */
  readonly #running = new Map<string, AbortController>();
  /** For clients of BuildKit; loaded with the first of them. */
  #buildkit: Promise<BuildKit> | undefined;

  constructor(context: BuildServiceContext) {
    this.#context = context;
    this.#host = new EngineBuildHost(context, new KeyedMutex());
  }

  /** At start: removes what builds that were cut off have left. */
  async recover(): Promise<void> {
    const { directory, runDirectory, containers } = this.#context;
    await removeCommandsLeft(containers);
    for (const root of [directory, runDirectory])
      await rm(join(root, 'tmp'), { recursive: true, force: true });
    const contexts = join(directory, 'contexts');
    const names = await readdir(contexts).catch(() => []);
    for (const name of names.filter((each) => each.startsWith('tmp-')))
      await rm(join(contexts, name), { recursive: true, force: true });
  }

  async serveSession(connection: Duplex, session: SessionInfo): Promise<void> {
    await (await this.#loadBuildKit()).serveSession(connection, session);
  }

  async serveGrpc(connection: Duplex): Promise<void> {
    await (await this.#loadBuildKit()).serveGrpc(connection);
  }

  /** `POST /build` with version=2: the files come by the session. */
  async *buildBySession(request: SessionBuild): AsyncGenerator<ProgressMessage> {
    const { ref, remote, body, signal } = request;
    const upload = uploadName(ref);
    if (upload !== undefined) {
      await this.#uploads.offer(upload, body, signal);
      return;
    }
    body.resume();
    const isUploaded = remote === 'upload-request';
    const uploads = new Map(isUploaded ? [[remote, await this.#uploads.take(ref, signal)]] : []);
    const attributes = new Map(request.attributes);
    if (remote !== undefined && remote !== 'client-session') attributes.set('context', remote);
    const cancel = new AbortController();
    this.#running.set(ref, cancel);
    try {
      const both = AbortSignal.any([signal, cancel.signal]);
      yield* (await this.#loadBuildKit()).build({ ...request, attributes, uploads, signal: both });
    } finally {
      this.#running.delete(ref);
    }
  }

  /** `POST /build/cancel`. */
  cancel(ref: string): void {
    this.#running.get(ref)?.abort(new Error('context canceled'));
  }

  /** What docker prints; a failure after the first message is a message itself. */
  async *build(request: ClassicBuildRequest): AsyncGenerator<ProgressMessage> {
    const references = request.tags.flatMap((tag) => this.#context.containers.images.parseNewName(tag));
    const platform = request.platform === undefined ? undefined : parsePlatform(request.platform);
    const left = new AbortController();
    const signal = AbortSignal.any([request.signal, left.signal]);
    const work = (emit: Emit<ProgressMessage>) =>
      this.#build({ ...request, signal }, { references, platform }, emit);
    let begun = false;
    try {
      for await (const message of messagesOf(work, () => left.abort())) {
        begun = true;
        yield message;
      }
    } catch (error) {
      if (!begun || signal.aborted) throw error;
      const code = error instanceof CommandFailed ? error.exitCode : undefined;
      const message = errorMessage(error);
      yield { errorDetail: { ...(code !== undefined && { code }), message }, error: message };
    }
  }

  listCache() {
    return listBuildCache(this.#context);
  }

  async prune(filters: Filters, options: { readonly all: boolean; readonly keep: number }) {
    const pruned = await pruneBuildCache(this.#context, conditionsOf(filters), options);
    await (await this.#loadBuildKit()).pruneContexts();
    return pruned;
  }

  async #build(
    request: ClassicBuildRequest,
    { references, platform }: { references: readonly Reference[]; platform: BuildPlatform | undefined },
    emit: Emit<ProgressMessage>,
  ): Promise<void> {
    const { directory } = this.#context;
    const { quiet, signal } = request;
    const send: Emit<ProgressMessage> = quiet ? async () => {} : emit;
    const work = join(directory, 'tmp', randomId());
    await mkdir(work, { recursive: true, mode: 0o700 });
    try {
      const source = await openContext(request.context, {
        ...{ directory: work, scratch: scratchIn(directory), remote: request.remote },
        ...{ dockerfile: request.dockerfile, signal },
      });
      const output = new ClassicOutput(send);
      const { credentials, hostConfig, removeContainers } = request;
      try {
        await using built = await this.#host.build(
          {
            ...source,
            context: { tree: async () => source.context },
            buildArgs: new Map(Object.entries(request.buildArgs)),
            labels: new Map(Object.entries(request.labels)),
            platform: platform ?? this.#context.platform,
            ...{ target: request.target, noCache: request.noCache, pull: request.pull },
            ...{ cacheFrom: request.cacheFrom, cacheFromOnly: true, progress: output, signal },
          },
          { hostConfig, platform, credentials: async (registry) => credentials.get(registry) },
          { keep: !removeContainers },
        );
        const names = references.map(familiarReference);
        const id = await this.#host.register(built, names);
        output.finish();
        await emit({ aux: { ID: id } });
        if (quiet) await emit({ stream: `${id}\n` });
        await send({ stream: `Successfully built ${shortId(digestHex(id))}\n` });
        for (const name of names) await send({ stream: `Successfully tagged ${name}\n` });
      } finally {
        output.finish();
      }
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  #loadBuildKit(): Promise<BuildKit> {
    this.#buildkit ??= import('../../buildkit/buildkit.js').then(({ BuildKit }) => new BuildKit(this.#host));
    return this.#buildkit;
  }
}
