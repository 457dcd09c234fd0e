import { once } from 'node:events';
import { errorMessage } from '../../../shared/errors.js';
import { alreadyStopped, cannotKill } from '../errors.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { giveUpRestart } from './restart-policy.js';
import { signalNumber } from './signals.js';

const SIGKILL = 9;
const defaultTimeoutSeconds = 10;

export interface StopOptions {
  /** Seconds until SIGKILL; negative for never; undefined for the container's own. */
  readonly timeout?: number | undefined;
  readonly signal?: string | undefined;
}

/** Asks the process to end and kills it when the time is over. Throws CONTAINER_STOPPED (304). */
export async function stopContainer(
  context: ContainerContext,
  container: Container,
  options: StopOptions,
): Promise<void> {
  const begun = await beginStop(context, container);
  if (begun === 'stopped') throw alreadyStopped();
  if (begun === 'stopping') await signalAndWait(context, container, options);
  publish(context, container, 'stop');
}

/** Sends a signal. Only those that are meant to end the container keep its restart policy from acting. */
export async function killContainer(
  context: ContainerContext,
  container: Container,
  signal: string | undefined,
): Promise<void> {
  const number = signalNumber(signal || 'SIGKILL');
  const isWaiting = container.record.state.status === 'restarting';
  if (!container.running && !isWaiting) throw cannotKill(container.record.name, container.id);
  if (number === SIGKILL) {
    await killAndWait(context, container);
    return;
  }
  if (number === signalNumber(container.record.config.StopSignal || 'SIGTERM')) {
    if ((await beginStop(context, container)) === 'given-up') return;
    await context.runtime.kill(container.id, number);
    await resumeIfPaused(context, container);
  } else if (!isWaiting) {
    await context.runtime.kill(container.id, number);
  }
  publish(context, container, 'kill', { signal: String(number) });
}

/** SIGKILL; resolves when the end has been handled. Succeeds when it does not run. */
export async function killAndWait(context: ContainerContext, container: Container): Promise<void> {
  if ((await beginStop(context, container)) !== 'stopping') return;
  const ended = nextStop(container);
  await context.runtime.kill(container.id, SIGKILL);
  publish(context, container, 'kill', { signal: String(SIGKILL) });
  await resumeIfPaused(context, container);
  await ended;
}

/** "given-up": a restart waited for its delay, and will not come. */
type BegunStop = 'stopping' | 'stopped' | 'given-up';

/** From now on the restart policy does not act. */
async function beginStop(context: ContainerContext, container: Container): Promise<BegunStop> {
  return context.locks.run(container.id, async () => {
    if (container.record.state.status === 'restarting') {
      container.update({ manuallyStopped: true });
      await giveUpRestart(context, container);
      return 'given-up';
    }
    if (!container.running) return 'stopped';
    container.update({ manuallyStopped: true });
    await context.store.save(container);
    return 'stopping';
  });
}

async function signalAndWait(
  context: ContainerContext,
  container: Container,
  { timeout, signal }: StopOptions,
): Promise<void> {
  const { config } = container.record;
  const number = signalNumber(signal || config.StopSignal || 'SIGTERM');
  const seconds = timeout ?? config.StopTimeout ?? defaultTimeoutSeconds;
  const ended = nextStop(container);
  await context.runtime.kill(container.id, number);
  publish(context, container, 'kill', { signal: String(number) });
  await resumeIfPaused(context, container);
  if (seconds < 0) {
    await ended;
    return;
  }
  const over = new AbortController();
  const inTime = await Promise.race([
    ended.then(() => true),
    context.clock.sleep(seconds * 1000, over.signal).then(
      () => false,
      () => true,
    ),
  ]);
  over.abort();
  if (inTime) return;
  context.log.info('container does not stop in time', { container: container.id, seconds });
  await context.runtime.kill(container.id, SIGKILL);
  publish(context, container, 'kill', { signal: String(SIGKILL) });
  await ended;
}

/** A frozen process does not see signals; dockerd resumes it too. */
async function resumeIfPaused({ runtime, log }: ContainerContext, container: Container): Promise<void> {
  if (container.record.state.status !== 'paused') return;
  await runtime.resume(container.id).catch((error) => {
    log.warn('paused container is not resumed', { container: container.id, error: errorMessage(error) });
  });
}

async function nextStop(container: Container): Promise<void> {
  if (!container.running) return;
  await once(container.events, 'stopped');
}
