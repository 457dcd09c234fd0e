import { alreadyPaused, notPaused, notRunning, restarting } from '../errors.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { startHealthChecks, stopHealthChecks } from './health/monitor.js';

export async function pauseContainer(context: ContainerContext, container: Container): Promise<void> {
  await context.locks.run(container.id, async () => {
    const { status } = container.record.state;
    if (status === 'paused') throw alreadyPaused(container.id);
    if (status === 'restarting') throw restarting(container.id);
    if (status !== 'running') throw notRunning(container.id);
    await context.runtime.pause(container.id);
    stopHealthChecks(container);
    container.apply({ type: 'paused' });
    await context.store.save(container);
    publish(context, container, 'pause');
  });
}

export async function unpauseContainer(context: ContainerContext, container: Container): Promise<void> {
  await context.locks.run(container.id, async () => {
    if (container.record.state.status !== 'paused') throw notPaused(container.id);
    await context.runtime.resume(container.id);
    container.apply({ type: 'unpaused' });
    await context.store.save(container);
    startHealthChecks(context, container);
    publish(context, container, 'unpause');
  });
}
