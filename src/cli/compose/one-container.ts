import { serviceNotRunning } from '../../compose/plan/errors.js';
import { observeContainers } from '../../compose/state/observe.js';
import type { ObservedContainer } from '../../compose/state/observed.js';
import type { OpenProject } from './project-command.js';

/** The service's running container with this number, or the first one. Throws SERVICE_NOT_RUNNING. */
export async function runningContainer(
  open: OpenProject,
  service: string,
  index: number | undefined,
): Promise<ObservedContainer> {
  return await oneContainer(open, service, index, ({ state }) => state === 'running');
}

/** As `runningContainer`, but it need not run. */
export async function serviceContainer(
  open: OpenProject,
  service: string,
  index: number | undefined,
): Promise<ObservedContainer> {
  return await oneContainer(open, service, index, () => true);
}

async function oneContainer(
  open: OpenProject,
  service: string,
  index: number | undefined,
  isMeant: (container: ObservedContainer) => boolean,
): Promise<ObservedContainer> {
  const containers = await observeContainers(open.fleet, open.project.name, open.signal);
  const found = containers.find(
    (each) =>
      each.service === service &&
      !each.oneOff &&
      isMeant(each) &&
      (index === undefined || each.number === index),
  );
  if (!found) throw serviceNotRunning(service, index);
  return found;
}
