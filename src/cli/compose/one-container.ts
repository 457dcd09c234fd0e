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
  const containers = await observeContainers(open.fleet, open.project.name, open.signal);
  const found = containers.find(
    (each) =>
      each.service === service &&
      !each.oneOff &&
      each.state === 'running' &&
      (index === undefined || each.number === index),
  );
  if (!found) throw serviceNotRunning(service, index);
  return found;
}
