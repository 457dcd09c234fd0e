import { killContainer } from '../../api/client/containers.js';
import { planStop } from '../plan/plan-stop.js';
import { observeContainers } from '../state/observe.js';
import { ContainerRegistry } from './container-registry.js';
import { performSteps } from './perform-step.js';
import type { Surroundings } from './up.js';

const endable = new Set(['running', 'paused', 'restarting']);

/** Stops what runs of these services, each before those that it depends on. */
export async function stopProject(around: Surroundings, services: readonly string[]): Promise<void> {
  const { project, fleet, signal } = around;
  const containers = await observeContainers(fleet, project.name, signal);
  const running = containers.filter(({ state, oneOff }) => endable.has(state) && !oneOff);
  const context = { ...around, registry: new ContainerRegistry(containers) };
  await performSteps(context, planStop(project, services, running));
}

/** Ends what runs of these services at once. */
export async function killProject(
  { project, fleet, signal }: Surroundings,
  services: readonly string[],
): Promise<void> {
  const containers = await observeContainers(fleet, project.name, signal);
  const running = containers.filter(({ state, service }) => endable.has(state) && services.includes(service));
  await Promise.allSettled(
    running.map(({ machine, id }) => killContainer(fleet.client(machine), id, 'SIGKILL')),
  );
}
