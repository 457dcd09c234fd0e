import { isTsmachineError } from '../../../shared/errors.js';
import type { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { startContainer } from './start.js';
import { type StopOptions, stopContainer } from './stop.js';

/** Stops it, if it runs, and starts it. AutoRemove does not act in between. */
export async function restartContainer(
  context: ContainerContext,
  container: Container,
  options: StopOptions,
): Promise<void> {
  container.keptAtExit = true;
  try {
    await stopContainer(context, container, options).catch((error) => {
      if (!isTsmachineError(error) || error.code !== 'CONTAINER_STOPPED') throw error;
    });
  } finally {
    container.keptAtExit = false;
  }
  await startContainer(context, container);
  publish(context, container, 'restart');
}
