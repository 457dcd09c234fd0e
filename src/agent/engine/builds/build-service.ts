import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { HostConfig } from '../../../api/container-config.js';
import type { Filters } from '../../../api/filters.js';
import type { ProgressMessage } from '../../../api/progress.js';
import { digestHex } from '../../../shared/digest.js';
import { errorMessage } from '../../../shared/errors.js';
import { randomId, shortId } from '../../../shared/identifiers.js';
import { KeyedMutex } from '../../../shared/keyed-mutex.js';
import type { StepCache } from '../../build/cache/step-cache.js';
import { openContext } from '../../build/context/open-context.js';
import { CommandFailed } from '../../build/errors.js';
import { buildImage } from '../../build/exec/build-image.js';
import { scratchIn } from '../../build/exec/change-layer.js';
import { parsePlatform } from '../../build/exec/platform.js';
import type { BuildPlatform } from '../../build/exec/request.js';
import { ClassicOutput } from '../../build/output/classic-output.js';
import { familiarReference, type Reference } from '../../image/reference.js';
import type { Puller, RegistryCredentials } from '../../registry/puller.js';
import type { ContainerContext } from '../containers/context.js';
import { type Emit, messagesOf } from '../messages.js';
import { baseImage } from './base-image.js';
import { ContainerCommands } from './container-commands.js';
import { listBuildCache, pruneBuildCache } from './prune-cache.js';

export interface BuildServiceContext {
  readonly containers: ContainerContext;
  readonly puller: Puller;
  readonly cache: StepCache;
  /** The builder's own, in the data root and in the run root. */
  readonly directory: string;
  readonly runDirectory: string;
  readonly platform: BuildPlatform;
}

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

/** Building images. */
export class BuildService {
  readonly #context: BuildServiceContext;
  readonly #locks = new KeyedMutex();

  constructor(context: BuildServiceContext) {
    this.#context = context;
  }

  /** At start: removes what builds that were cut off have left. */
  async recover(): Promise<void> {
    const { directory, runDirectory } = this.#context;
    for (const root of [directory, runDirectory])
      await rm(join(root, 'tmp'), { recursive: true, force: true });
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

  prune(filters: Filters, options: { readonly all: boolean }) {
    return pruneBuildCache(this.#context, filters, options);
  }

  async #build(
    request: ClassicBuildRequest,
    { references, platform }: { references: readonly Reference[]; platform: BuildPlatform | undefined },
    emit: Emit<ProgressMessage>,
  ): Promise<void> {
    const { containers, puller, cache, directory, runDirectory } = this.#context;
    const { images, layers } = containers;
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
      const commands = new ContainerCommands(containers, { hostConfig, keep: !removeContainers });
      const progress = (message: ProgressMessage) => void send(message);
      const bases = { images, puller, credentials, platform, progress };
      try {
        await using built = await buildImage(
          {
            ...{ images, layers, cache, commands, directory, runDirectory, locks: this.#locks },
            base: (name, options) => baseImage(bases, name, options),
          },
          {
            ...source,
            buildArgs: new Map(Object.entries(request.buildArgs)),
            labels: new Map(Object.entries(request.labels)),
            platform: platform ?? this.#context.platform,
            ...{ target: request.target, noCache: request.noCache, pull: request.pull },
            ...{ cacheFrom: request.cacheFrom, progress: output, signal },
          },
        );
        const { id } = await images.register({ configBlob: built.configBlob, references });
        output.finish();
        await emit({ aux: { ID: id } });
        if (quiet) await emit({ stream: `${id}\n` });
        await send({ stream: `Successfully built ${shortId(digestHex(id))}\n` });
        await this.#tagged(id, references, send);
      } finally {
        output.finish();
      }
    } finally {
      await rm(work, { recursive: true, force: true });
    }
  }

  async #tagged(id: string, references: readonly Reference[], send: Emit<ProgressMessage>): Promise<void> {
    for (const reference of references) {
      const name = familiarReference(reference);
      this.#context.containers.events.publish({ type: 'image', action: 'tag', id, attributes: { name } });
      await send({ stream: `Successfully tagged ${name}\n` });
    }
  }
}
