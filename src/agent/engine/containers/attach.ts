import type { Duplex } from 'node:stream';
import { errorMessage } from '../../../shared/errors.js';
import { readLog } from '../../logs/read-log.js';
import { attachPaused, attachRestarting } from '../errors.js';
import type { Container, PendingAttach } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { parseDetachKeys } from './detach-keys.js';
import { ClientOutput, type CopyOptions, copyStdio, type StdioChoice } from './stdio.js';

export interface AttachOptions extends StdioChoice {
  /** What was written so far comes first. */
  readonly logs: boolean;
  /** What is still to come. */
  readonly stream: boolean;
  /** Docker's notation; undefined for ctrl-p,ctrl-q. */
  readonly detachKeys?: string | undefined;
  /** Frames around stdout and stderr, where there is no terminal. */
  readonly multiplex: boolean;
}

/** A client's connection that is about to be attached; `serve` resolves when it can be closed. */
export interface AttachSession {
  readonly multiplexed: boolean;
  serve(client: Duplex): Promise<void>;
}

/** Throws CONTAINER_PAUSED, CONTAINER_RESTARTING, OPTION_INVALID for bad detach keys. */
export function attachToContainer(
  context: ContainerContext,
  container: Container,
  options: AttachOptions,
): AttachSession {
  const { status } = container.record.state;
  if (status === 'paused') throw attachPaused(container.id);
  if (status === 'restarting') throw attachRestarting(container.id);
  const { Tty: terminal = false, OpenStdin = false } = container.record.config;
  const keys = parseDetachKeys(options.detachKeys);
  const copy = {
    stdin: options.stdin && OpenStdin,
    stdout: options.stdout,
    stderr: options.stderr,
    multiplexed: options.multiplex && !terminal,
    detachKeys: terminal ? keys : undefined,
  };
  return {
    multiplexed: copy.multiplexed,
    serve: (client) => serve(context, container, { ...options, copy }, client),
  };
}

async function serve(
  context: ContainerContext,
  container: Container,
  { logs, stream, copy }: AttachOptions & { readonly copy: CopyOptions },
  client: Duplex,
): Promise<void> {
  publish(context, container, 'attach');
  if (logs) await replayLog(context, container, copy, new ClientOutput(client, copy.multiplexed));
  if (!stream) return;
  const how = await attachWhenRunning(context, container, copy, client);
  if (how === 'detached') publish(context, container, 'detach');
}

async function replayLog(
  { paths }: ContainerContext,
  container: Container,
  { stdout, stderr }: StdioChoice,
  out: ClientOutput,
): Promise<void> {
  for await (const { stream, payload } of readLog(paths.log(container.id), { stdout, stderr })) {
    await out.write(stream, payload);
  }
}

/**
 * A client that attaches before the start waits in `pendingAttaches`; the start connects it while the process
 * still waits, so that it gets every byte.
 */
async function attachWhenRunning(
  context: ContainerContext,
  container: Container,
  copy: CopyOptions,
  client: Duplex,
): Promise<'ended' | 'detached'> {
  const { promise, resolve, reject } = Promise.withResolvers<'ended' | 'detached'>();
  const pending: PendingAttach = {
    async connect() {
      container.pendingAttaches.delete(pending);
      client.off('close', pending.cancel);
      const attachment = await context.runtime.attach(container.id);
      const copying = copyStdio(client, attachment, copy);
      container.copies.add(copying);
      copying.finally(() => container.copies.delete(copying)).then(resolve, reject);
    },
    cancel() {
      container.pendingAttaches.delete(pending);
      resolve('ended');
    },
  };
  client.once('close', pending.cancel);
  container.pendingAttaches.add(pending);
  if (container.running && !container.record.state.starting) {
    await pending.connect().catch((error) => {
      context.log.warn('attach failed', { container: container.id, error: errorMessage(error) });
      pending.cancel(); // it has ended in this moment: there is nothing more to read
    });
  }
  return await promise;
}
