import type { Duplex } from 'node:stream';
import { errorMessage } from '../../../shared/errors.js';
import { readLog } from '../../logs/read-log.js';
import { attachPaused, attachRestarting } from '../errors.js';
import type { Container, PendingAttach } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { ClientOutput, copyStdio, type StdioChoice } from './stdio.js';

export interface AttachOptions extends StdioChoice {
  /** What was written so far comes first. */
  readonly logs: boolean;
  /** What is still to come. */
  readonly stream: boolean;
}

/** A client's connection that is about to be attached; `serve` resolves when it can be closed. */
export interface AttachSession {
  readonly multiplexed: boolean;
  serve(client: Duplex): Promise<void>;
}

/** Throws CONTAINER_PAUSED, CONTAINER_RESTARTING. */
export function attachToContainer(
  context: ContainerContext,
  container: Container,
  options: AttachOptions,
): AttachSession {
  const { status } = container.record.state;
  if (status === 'paused') throw attachPaused(container.id);
  if (status === 'restarting') throw attachRestarting(container.id);
  const multiplexed = !container.record.config.Tty;
  return { multiplexed, serve: (client) => serve(context, container, options, client) };
}

async function serve(
  context: ContainerContext,
  container: Container,
  options: AttachOptions,
  client: Duplex,
): Promise<void> {
  publish(context, container, 'attach');
  const multiplexed = !container.record.config.Tty;
  if (options.logs) await replayLog(context, container, options, new ClientOutput(client, multiplexed));
  if (!options.stream) return;
  const stdin = options.stdin && (container.record.config.OpenStdin ?? false);
  await attachWhenRunning(context, container, { ...options, stdin }, client);
}

async function replayLog(
  { paths }: ContainerContext,
  container: Container,
  { stdout, stderr }: AttachOptions,
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
  choice: StdioChoice,
  client: Duplex,
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const pending: PendingAttach = {
    async connect() {
      container.pendingAttaches.delete(pending);
      client.off('close', pending.cancel);
      const attachment = await context.runtime.attach(container.id);
      copyStdio(client, attachment, choice, !container.record.config.Tty).then(resolve, reject);
    },
    cancel() {
      container.pendingAttaches.delete(pending);
      resolve();
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
  await promise;
}
