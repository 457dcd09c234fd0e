import type { Project } from '../model/project.js';
import { scaleOf } from '../naming.js';
import type { ObservedContainer } from '../state/observed.js';
import { dependencyOrder } from './dependencies.js';
import { noContainer } from './errors.js';
import type { Condition, Step } from './step.js';

export interface StartRequest {
  readonly project: Project;
  readonly services: readonly string[];
  /** Wait for all of them to run, or to be healthy, at the end. */
  readonly wait: boolean;
}

/**
 * Starts the containers that do not run, each behind those it depends on and as soon as these are what it wants them to
 * be. Throws NO_CONTAINER.
 */
export function planStart(request: StartRequest, containers: readonly ObservedContainer[]): readonly Step[] {
  const { project, services } = request;
  const steps: Step[] = [];
  for (const name of dependencyOrder(project, services)) {
    const service = project.services[name];
    if (!service || scaleOf(service) === 0) continue;
    const own = ownContainers(containers, name);
    if (own.length === 0) throw noContainer(name);
    const after = Object.entries(service.dependsOn).flatMap(([other, { condition, required }]) => {
      const dependency = project.services[other];
      if (!dependency || scaleOf(dependency) === 0) return [];
      const started = startIds(containers, other, steps);
      if (condition === 'service_started') return started;
      return [awaiting(steps, { service: other, condition, required }, started)];
    });
    steps.push(...own.filter(({ state }) => state !== 'running').map((container) => start(container, after)));
  }
  if (request.wait) for (const name of services) awaitAtEnd(request, name, steps, containers);
  return steps;
}

function ownContainers(containers: readonly ObservedContainer[], name: string) {
  return containers.filter(({ service, oneOff }) => service === name && !oneOff);
}

function startIds(containers: readonly ObservedContainer[], name: string, steps: readonly Step[]): string[] {
  const ids = new Set(steps.map(({ id }) => id));
  return ownContainers(containers, name)
    .map((container) => startId(container))
    .filter((id) => ids.has(id));
}

function startId({ machine, name }: ObservedContainer): string {
  return `start:${machine}/${name}`;
}

function start(container: ObservedContainer, after: readonly string[]): Step {
  const { machine, service, name } = container;
  return { id: startId(container), after, action: { kind: 'start', container: { machine, service, name } } };
}

interface Awaited {
  readonly service: string;
  readonly condition: Condition;
  readonly required: boolean;
}

/** Several services may wait for the same; then it is waited for once. */
function awaiting(steps: Step[], awaited: Awaited, after: readonly string[]): string {
  const { service, condition, required } = awaited;
  const id = `await:${service}/${condition}${required ? '' : '/optional'}`;
  if (!steps.some((step) => step.id === id)) {
    steps.push({ id, after, action: { kind: 'await', ...awaited } });
  }
  return id;
}

function awaitAtEnd(
  { project }: StartRequest,
  name: string,
  steps: Step[],
  containers: readonly ObservedContainer[],
): void {
  const service = project.services[name];
  if (!service || scaleOf(service) === 0) return;
  const started = startIds(containers, name, steps);
  awaiting(steps, { service: name, condition: 'running_or_healthy', required: true }, started);
}
