import type { Project } from '../model/project.js';
import { machineOf } from '../placement.js';
import type { RecreatePolicy } from '../plan/divergence.js';
import { type CreationPlan, planCreation } from '../plan/plan-creation.js';
import { neededBy, planResources } from '../plan/plan-resources.js';
import { planStart } from '../plan/plan-start.js';
import { refuseUnsupported } from '../plan/unsupported-attributes.js';
import { attributesWithoutEffect } from '../plan/without-effect.js';
import { observeContainers, observeResources } from '../state/observe.js';
import type { ObservedContainer } from '../state/observed.js';
import { ContainerRegistry } from './container-registry.js';
import { type EngineContext, thing } from './context.js';
import { ensureImages, type ImageOptions, type ImageSource } from './ensure-images.js';
import { injectFiles } from './inject-files.js';
import { performSteps } from './perform-step.js';
import { imagine } from './rehearse.js';

/** What is the same for everything that a command does. */
export type Surroundings = Omit<EngineContext, 'registry'>;

export type OrphanPolicy = 'tell' | 'remove' | 'ignore';

export interface CreationOptions {
  /** To be created, those that they depend on among them. */
  readonly services: readonly string[];
  policyOf(service: string): RecreatePolicy;
  readonly renewVolumes: boolean;
  /** What is done with containers of services that the files do not have. */
  readonly orphans: OrphanPolicy;
  /** Make the networks and volumes that no service uses, too. */
  readonly allResources?: boolean;
  readonly images: ImageOptions;
}

export interface Created {
  /** The services whose containers are to run now: those that were wanted, and those that were stopped for them. */
  readonly services: readonly string[];
  /** All containers of the project that there are now. */
  readonly containers: readonly ObservedContainer[];
}

/** Brings images, networks, volumes and containers to what the project says; starts nothing. */
export async function createProject(
  around: Surroundings,
  source: ImageSource,
  options: CreationOptions,
): Promise<Created> {
  const { project, fleet, signal, progress } = around;
  refuseUnsupported(project, options.services);
  for (const warning of attributesWithoutEffect(project, options.services)) progress.warn(warning);
  const containers = await observeContainers(fleet, project.name, signal);
  const context = { ...around, registry: new ContainerRegistry(containers) };
  const images = await ensureImages(context, options.services, source, options.images);
  const resources = await observeResources(fleet, signal);
  const request = {
    ...{ ...options, project, images, home: fleet.home },
    removeOrphans: options.orphans === 'remove',
    allResources: options.allResources ?? false,
  };
  const plan = planCreation(request, { containers, resources });
  for (const warning of plan.warnings) progress.warn(warning);
  if (options.orphans === 'tell') warnOfOrphans(around, plan);
  for (const container of plan.kept) await keep(context, container);
  const ids = new Map([...images].map(([service, { id }]) => [service, id]));
  await performSteps(context, plan.steps, ids);
  const services = [...new Set([...options.services, ...plan.stopped])];
  if (around.dryRun) return { services, containers: imagine(containers, plan.steps) };
  return { services, containers: await observeContainers(fleet, project.name, signal) };
}

/** A container that stays as it is gets what its secrets and configs are now. */
async function keep(context: EngineContext, container: ObservedContainer): Promise<void> {
  const { project, fleet, progress, signal, dryRun } = context;
  const { id, name, machine, state } = container;
  const service = project.services[container.service];
  if (service && !dryRun) await injectFiles(fleet.client(machine), id, project, service, signal);
  const text = state === 'running' ? 'Running' : 'Created';
  progress.event({ id: thing(context, 'Container', name, machine), status: 'done', text });
}

function warnOfOrphans({ progress }: Surroundings, { orphans }: CreationPlan): void {
  if (orphans.length === 0) return;
  const names = orphans.map(({ name }) => name).join(' ');
  progress.warn(
    `Found orphan containers ([${names}]) for this project. If you removed or renamed this service in your compose file, you can run this command with the --remove-orphans flag to clean it up.`,
  );
}

/** Makes the networks and volumes that these services need, and nothing else. */
export async function createResources(around: Surroundings, names: readonly string[]): Promise<void> {
  const { project, fleet, signal, progress } = around;
  const found = await observeResources(fleet, signal);
  const services = names.flatMap((name) => project.services[name] ?? []);
  for (const machine of fleet.machines) {
    const here = services.filter((service) => machineOf(project, service, fleet.home) === machine);
    const known = found.get(machine) ?? { networks: [], volumes: [] };
    const plan = planResources(project, neededBy(here), machine, known);
    for (const warning of plan.warnings) progress.warn(warning);
    await performSteps({ ...around, registry: new ContainerRegistry([]) }, plan.steps);
  }
}

/** Starts what does not run, in the order of dependencies, and waits for what has to be waited for. */
export async function startProject(
  around: Surroundings,
  { services, containers }: Created,
  options: { readonly wait: boolean } = { wait: false },
): Promise<void> {
  const { project } = around;
  const context = { ...around, registry: new ContainerRegistry(containers) };
  await performSteps(context, planStart({ project, services, wait: options.wait }, containers));
}

/** The project with other numbers of containers. */
export function withScales(project: Project, scales: ReadonlyMap<string, number>): Project {
  const services = Object.entries(project.services).map(([name, service]) => {
    const scale = scales.get(name);
    if (scale === undefined) return [name, service] as const;
    return [
      name,
      { ...service, scale, ...(service.deploy && { deploy: { ...service.deploy, replicas: scale } }) },
    ] as const;
  });
  return { ...project, services: Object.fromEntries(services) };
}
