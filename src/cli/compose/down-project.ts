import { ContainerRegistry } from '../../compose/engine/container-registry.js';
import { performSteps } from '../../compose/engine/perform-step.js';
import { type DownRequest, planDown } from '../../compose/plan/plan-down.js';
import { observeContainers, observeResources } from '../../compose/state/observe.js';
import type { OpenProject } from './project-command.js';

/** Removes what there is of the project, and says so when there is nothing. */
export async function downProject(
  open: OpenProject,
  request: Omit<DownRequest, 'project' | 'home'>,
): Promise<void> {
  const { fleet, whole: project, signal } = open;
  const [containers, resources] = await Promise.all([
    observeContainers(fleet, project.name, signal),
    observeResources(fleet, signal),
  ]);
  const steps = planDown({ ...request, project, home: fleet.home }, { containers, resources });
  if (steps.length === 0) open.progress.warn(`No resource found to remove for project "${project.name}".`);
  await performSteps({ ...open, project, registry: new ContainerRegistry(containers) }, steps);
}
