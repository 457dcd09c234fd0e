import type { Project } from '../model/project.js';
import type { ObservedContainer } from '../state/observed.js';
import { dependencyOrder } from './dependencies.js';
import { removal, stopId } from './removal.js';
import type { Step } from './step.js';

/** Stops the running containers of these services, each before those that it depends on. */
export function planStop(
  project: Project,
  services: readonly string[],
  containers: readonly ObservedContainer[],
): readonly Step[] {
  return inReverse(project, services, containers, (container, after) => [
    { id: stopId(container), after, action: { kind: 'stop', container } },
  ]);
}

/** Stops and removes the containers of these services, each before those that it depends on. */
export function planRemoval(
  project: Project,
  services: readonly string[],
  containers: readonly ObservedContainer[],
  volumes: boolean,
): readonly Step[] {
  return inReverse(project, services, containers, (container, after) =>
    removal(container, { after, volumes }),
  );
}

function inReverse(
  project: Project,
  services: readonly string[],
  containers: readonly ObservedContainer[],
  stepsOf: (container: ObservedContainer, after: readonly string[]) => readonly Step[],
): readonly Step[] {
  const steps = new Map<string, readonly Step[]>();
  for (const name of dependencyOrder(project, services).toReversed()) {
    const dependents = Object.values(project.services).filter(({ dependsOn }) => dependsOn[name]);
    const after = dependents.flatMap((dependent) => (steps.get(dependent.name) ?? []).map(({ id }) => id));
    const own = containers.filter(({ service }) => service === name);
    steps.set(
      name,
      own.flatMap((container) => stepsOf(container, after)),
    );
  }
  return [...steps.values()].flat();
}
