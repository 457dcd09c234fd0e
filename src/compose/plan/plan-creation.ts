import type { Project } from '../model/project.js';
import type { Service } from '../model/service.js';
import { containerName, sharedWith } from '../naming.js';
import { machineOf } from '../placement.js';
import type { ObservedResources } from '../state/observe.js';
import type { ObservedContainer } from '../state/observed.js';
import { dependencyOrder } from './dependencies.js';
import type { RecreatePolicy } from './divergence.js';
import { networkAcrossMachines } from './errors.js';
import { everything, neededBy, planResources, type ResourcePlan } from './plan-resources.js';
import { inheritedVolumes, planService, type ServicePlan } from './plan-service.js';
import { removal } from './removal.js';
import type { Action, Step } from './step.js';

export interface CreationRequest {
  readonly project: Project;
  /** To be created, those that they depend on among them. */
  readonly services: readonly string[];
  policyOf(service: string): RecreatePolicy;
  /** What is known of each service's image. */
  readonly images: ReadonlyMap<string, ServiceImage>;
  /** Do not hand anonymous volumes on. */
  readonly renewVolumes: boolean;
  readonly removeOrphans: boolean;
  /** Make the networks and volumes that no service uses, too, on the machine of what names none. */
  readonly allResources: boolean;
  /** The machine of what names none. */
  readonly home: string;
}

export interface ServiceImage {
  readonly id: string;
  /** Paths that the image declares as volumes. */
  readonly volumes: readonly string[];
}

/** What the engines have at the moment. */
export interface Observed {
  readonly containers: readonly ObservedContainer[];
  readonly resources: ReadonlyMap<string, ObservedResources>;
}

export interface CreationPlan {
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
  readonly orphans: readonly ObservedContainer[];
  /** Containers that stay as they are. */
  readonly kept: readonly ObservedContainer[];
  /** Services that are stopped because one that they depend on is made anew, to be started again. */
  readonly stopped: readonly string[];
}

/** The steps that bring containers, networks and volumes to what the project says; nothing is started by them. */
export function planCreation(request: CreationRequest, observed: Observed): CreationPlan {
  const { project, home } = request;
  const order = dependencyOrder(project, request.services);
  const services = order.flatMap((name) => project.services[name] ?? []);
  const resources = resourcePlans(request, services, observed);
  const first = new Map<string, string>(); // first container of each service, as long as it stays
  for (const { service, id } of observed.containers.filter(({ oneOff }) => !oneOff)) {
    if (!first.has(service)) first.set(service, id);
  }
  const steps = [...resources.values()].flatMap((plan) => plan.steps);
  const kept: ObservedContainer[] = [];
  const stopped = new Set<string>();
  for (const service of services) {
    const machine = machineOf(project, service, home);
    assertSharing(project, service, machine, home);
    const own = observed.containers.filter((each) => each.service === service.name && !each.oneOff);
    const wanted = {
      ...{ project, service, policy: request.policyOf(service.name) },
      image: request.images.get(service.name)?.id,
      networkIds: resources.get(machine)?.networkIds ?? new Map<string, string>(),
      idOf: (name: string) => first.get(name),
    };
    const plan = planService(wanted, machine, own);
    if (!plan.kept.some(({ id }) => id === first.get(service.name))) first.delete(service.name);
    kept.push(...plan.kept);
    const restarted = plan.recreated.length > 0 ? restartedWith(project, service.name, observed) : [];
    for (const { service: name } of restarted) stopped.add(name);
    steps.push(...serviceSteps(request, { service, machine, plan, restarted, before: steps }));
  }
  const orphans = orphansOf(project, observed.containers);
  return {
    steps: request.removeOrphans ? [...orphans.flatMap((container) => removal(container)), ...steps] : steps,
    warnings: [
      ...[...resources.values()].flatMap((plan) => plan.warnings),
      ...services.flatMap((service) => unreachable(project, service, home)),
    ],
    orphans,
    kept,
    stopped: [...stopped],
  };
}

/** Containers of services that the files do not have any more, and one-off containers that have ended. */
export function orphansOf(
  project: Project,
  containers: readonly ObservedContainer[],
): readonly ObservedContainer[] {
  return containers.filter(({ service, oneOff, state }) =>
    oneOff
      ? state === 'exited' || state === 'dead'
      : !project.services[service] && !project.disabledServices[service],
  );
}

function resourcePlans(
  { project, home, allResources }: CreationRequest,
  services: readonly Service[],
  observed: Observed,
): ReadonlyMap<string, ResourcePlan> {
  const machines = new Set(services.map((service) => machineOf(project, service, home)));
  if (allResources) machines.add(home);
  return new Map(
    [...machines].map((machine) => {
      const here = services.filter((service) => machineOf(project, service, home) === machine);
      const found = observed.resources.get(machine) ?? { networks: [], volumes: [] };
      const needs = allResources && machine === home ? everything(project) : neededBy(here);
      return [machine, planResources(project, needs, machine, found)] as const;
    }),
  );
}

function assertSharing(project: Project, service: Service, machine: string, home: string): void {
  for (const name of sharedWith(service)) {
    const other = project.services[name];
    if (other && machineOf(project, other, home) !== machine) throw networkAcrossMachines(service.name, name);
  }
}

/** A network ends at its machine: what depends on a service elsewhere can reach only what that one publishes. */
function unreachable(project: Project, service: Service, home: string): readonly string[] {
  const machine = machineOf(project, service, home);
  return Object.keys(service.dependsOn).flatMap((name) => {
    const other = project.services[name];
    if (!other || other.ports.length > 0) return [];
    const place = machineOf(project, other, home);
    if (place === machine) return [];
    return [
      `service "${service.name}" on ${machine} cannot reach "${name}" on ${place}: networks end at their machine, and "${name}" publishes no port`,
    ];
  });
}

/** Running containers of the services that asked to be restarted with this one. */
function restartedWith(
  project: Project,
  name: string,
  { containers }: Observed,
): readonly ObservedContainer[] {
  return containers.filter(
    ({ service, oneOff, state }) =>
      !oneOff && state === 'running' && project.services[service]?.dependsOn[name]?.restart === true,
  );
}

interface Surroundings {
  readonly service: Service;
  readonly machine: string;
  readonly plan: ServicePlan;
  readonly restarted: readonly ObservedContainer[];
  /** Steps planned so far. */
  readonly before: readonly Step[];
}

function serviceSteps(request: CreationRequest, around: Surroundings): readonly Step[] {
  const { service, machine, plan, restarted, before } = around;
  const after = before.filter(({ action }) => isNeeded(service, machine, action)).map(({ id }) => id);
  const stops = restarted
    .filter(({ machine: other, name }) => !before.some(({ id }) => id === `stop:${other}/${name}`))
    .map((container): Step => {
      return {
        id: `stop:${container.machine}/${container.name}`,
        after,
        action: { kind: 'stop', container },
      };
    });
  const removals = plan.removed.flatMap((container) => removal(container));
  const ready = [...after, ...stops.map(({ id }) => id), ...removals.map(({ id }) => id)];
  const create = (number: number, name: string, replaces?: ObservedContainer): Step => {
    const inherited =
      replaces && !request.renewVolumes
        ? inheritedVolumes(service, replaces, request.images.get(service.name)?.volumes ?? [])
        : [];
    const action = {
      kind: 'create',
      machine,
      service: service.name,
      number,
      name,
      replaces,
      inherited,
    } as const;
    return { id: `create:${machine}/${name}`, after: ready, action };
  };
  return [
    ...stops,
    ...removals,
    ...plan.recreated.map((container) => {
      const number = container.number ?? 1;
      return create(number, containerName(request.project, service, number), container);
    }),
    ...plan.created.map(({ number, name }) => create(number, name)),
  ];
}

/** What a container is created after: the networks and volumes of its machine, and those it depends on. */
function isNeeded(service: Service, machine: string, action: Action): boolean {
  if (action.kind === 'create-network') return action.machine === machine && action.key in service.networks;
  if (action.kind === 'create-volume') {
    return action.machine === machine && service.volumes.some(({ source }) => source === action.key);
  }
  return action.kind === 'create' && action.service in service.dependsOn;
}
