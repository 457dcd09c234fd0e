import type { Readable } from 'node:stream';
import { Readable as ReadableStream } from 'node:stream';
import type { HostConfig } from '../../../api/container-config.js';
import { type ByteString, toByteString } from '../../../shared/tar/tar-entry.js';
import { CommandFailed } from '../../build/errors.js';
import type { CommandMount, CommandRequest, CommandRunner } from '../../build/exec/request.js';
import type { NewLayer } from '../../layer/layer-store.js';
import { runtimeMountPoints } from '../containers/changes.js';
import type { Container, PendingAttach } from '../containers/container.js';
import type { ContainerContext } from '../containers/context.js';
import { createOnImage } from '../containers/create.js';
import { removeContainer } from '../containers/remove.js';
import { startContainer } from '../containers/start.js';
import { waitFor } from '../containers/wait.js';

export interface ContainerCommandsOptions {
  /** Limits and network of the build. */
  readonly hostConfig: HostConfig;
  /** Containers stay after their step, as with `--rm=false`. */
  readonly keep: boolean;
}

/** What containers of steps are known by. */
const buildLabel = 'tsmachine.build';

/** At start: ends and removes the containers of builds that were cut off. */
export async function removeCommandsLeft(context: ContainerContext): Promise<void> {
  const left = context.store.list().filter(({ record }) => record.config.Labels?.[buildLabel] !== undefined);
  for (const container of left) await removeContainer(context, container, { force: true, volumes: true });
}

/** Runs a build's commands in containers of this engine. */
export class ContainerCommands implements CommandRunner {
  readonly #context: ContainerContext;
  readonly #options: ContainerCommandsOptions;

  constructor(context: ContainerContext, options: ContainerCommandsOptions) {
    this.#context = context;
    this.#options = options;
  }

  async run(request: CommandRequest): Promise<NewLayer | undefined> {
    request.signal.throwIfAborted();
    const container = await this.#create(request);
    try {
      request.started(container.id);
      const code = await this.#runToEnd(container, request);
      if (code !== 0) throw new CommandFailed(request.argv, code);
      return await this.#layer(container, request);
    } finally {
      if (!this.#options.keep || request.signal.aborted) await this.#remove(container, request);
    }
  }

  async #remove(container: Container, { removed }: CommandRequest): Promise<void> {
    // Where its start has failed it is gone already.
    if (this.#context.store.byId(container.id)) {
      await removeContainer(this.#context, container, { force: true, volumes: true });
    }
    removed(container.id);
  }

  async #create({
    image,
    argv,
    env,
    user,
    workingDirectory,
    mounts,
    network,
  }: CommandRequest): Promise<Container> {
    const { hostConfig, keep } = this.#options;
    // What the image says of its own command, ports and volumes is not the step's.
    const { config: _config, ...rest } = image.config;
    const { Id } = await createOnImage(
      this.#context,
      undefined,
      {
        Image: image.id,
        Cmd: argv,
        Env: env,
        User: user,
        WorkingDir: workingDirectory,
        AttachStdout: true,
        AttachStderr: true,
        ...(!keep && { Labels: { [buildLabel]: '' } }),
        HostConfig: {
          ...hostConfig,
          ...(network !== undefined && { NetworkMode: network }),
          LogConfig: { Type: 'none' },
          Mounts: mounts.map(toMount),
          AutoRemove: !keep,
        },
      },
      { id: image.id, config: rest, chainId: image.chainId },
    );
    const container = this.#context.store.resolve(Id);
    container.keptAtExit = true; // its files are wanted; another agent, after a crash, removes it
    return container;
  }

  async #runToEnd(container: Container, { output, signal }: CommandRequest): Promise<number> {
    const copied = attach(this.#context, container, output);
    copied.catch(() => {}); // awaited below
    const ended = waitFor(container, 'next-exit', signal);
    await startContainer(this.#context, container);
    const gone = Promise.withResolvers<never>();
    const leave = (): void => gone.reject(signal.reason);
    signal.addEventListener('abort', leave);
    try {
      signal.throwIfAborted();
      const [{ StatusCode }] = await Promise.race([Promise.all([ended, copied]), gone.promise]);
      return StatusCode;
    } finally {
      signal.removeEventListener('abort', leave);
    }
  }

  async #layer({ id }: Container, { image, mounts, signal }: CommandRequest): Promise<NewLayer | undefined> {
    const { layers, locks } = this.#context;
    const places = new Set([...runtimeMountPoints, ...mounts.flatMap(({ target }) => pathsTo(target))]);
    await locks.run(id, async () => {}); // what handles the end still unmounts
    if (!this.#options.keep) return await layers.seal(id, places, signal);
    if ((await layers.changes(id, places)).length === 0) return undefined;
    return await layers.add(ReadableStream.from(layers.diff(id, places)), image.chainId, signal);
  }
}

/** Connected by the start, before the process runs: no output is lost. */
async function attach(
  { runtime }: ContainerContext,
  container: Container,
  output: CommandRequest['output'],
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const pending: PendingAttach = {
    async connect() {
      container.pendingAttaches.delete(pending);
      const attachment = await runtime.attach(container.id);
      const copies = [copy(attachment.stdout, 'stdout', output), copy(attachment.stderr, 'stderr', output)];
      Promise.all(copies)
        .finally(() => attachment.close())
        .then(() => resolve(), reject);
    },
    cancel() {
      container.pendingAttaches.delete(pending);
      resolve();
    },
  };
  container.pendingAttaches.add(pending);
  await promise;
}

async function copy(
  source: Readable,
  stream: 'stdout' | 'stderr',
  output: CommandRequest['output'],
): Promise<void> {
  for await (const chunk of source as AsyncIterable<Buffer>) await output(stream, chunk);
}

function toMount({ type, source, target, readonly, size }: CommandMount) {
  return {
    ...{ Type: type, Target: target, ReadOnly: readonly },
    ...(type === 'bind' && { Source: source }),
    ...(size !== undefined && { TmpfsOptions: { SizeBytes: size } }),
  };
}

/** "/run/secrets/x" is a mount point, and what had to be made for it. */
function pathsTo(target: string): readonly ByteString[] {
  const parts = target.split('/').filter(Boolean);
  return parts.map((_, index) => toByteString(parts.slice(0, index + 1).join('/')));
}
