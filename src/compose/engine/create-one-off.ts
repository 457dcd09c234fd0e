import { randomId } from '../../shared/identifiers.js';
import type { Service } from '../model/service.js';
import { oneOffName } from '../naming.js';
import { machineOf } from '../placement.js';
import { refuseUnsupported } from '../plan/unsupported-attributes.js';
import { observeContainers } from '../state/observe.js';
import { awaitCondition } from './await-condition.js';
import { ContainerRegistry } from './container-registry.js';
import { createFromService } from './create-container.js';
import { ensureImages, type ImageSource } from './ensure-images.js';
import {
  type CreationOptions,
  createProject,
  createResources,
  type Surroundings,
  startProject,
} from './up.js';

export interface OneOffRequest {
  /** As it is to be run: with the changes of the command line. */
  readonly service: Service;
  readonly name: string | undefined;
  readonly attachStdin: boolean;
  readonly autoRemove: boolean;
  readonly useAliases: boolean;
  /** How those that it depends on are made and started. */
  readonly creation: CreationOptions;
}

export interface OneOff {
  readonly machine: string;
  readonly id: string;
  readonly name: string;
}

/** Starts what the service depends on, and creates a container of it that belongs to this call alone. */
export async function createOneOff(
  around: Surroundings,
  source: ImageSource,
  request: OneOffRequest,
): Promise<OneOff> {
  const { fleet, signal } = around;
  const service: Service = {
    ...request.service,
    ...{ scale: 1, restart: undefined },
    deploy: request.service.deploy && { ...request.service.deploy, restartPolicy: undefined, replicas: 1 },
  };
  const project = { ...around.project, services: { ...around.project.services, [service.name]: service } };
  refuseUnsupported(project, [service.name]);
  await startDependencies(around, source, service, request.creation);
  await createResources({ ...around, project }, [service.name]);
  const containers = await observeContainers(fleet, project.name, signal);
  const context = { ...around, project, registry: new ContainerRegistry(containers) };
  const images = await ensureImages(context, [service.name], source, request.creation.images);
  const slug = randomId();
  const name = request.name ?? oneOffName(project, service, slug);
  const machine = machineOf(project, service, fleet.home);
  const options = {
    ...{ number: 1, slug, imageId: images.get(service.name)?.id, inherited: [] },
    ...{ attachStdin: request.attachStdin, autoRemove: request.autoRemove, useAliases: request.useAliases },
  };
  const named = { ...service, containerName: name };
  const id = await createFromService(context, { service: named, machine, name, options });
  return { machine, id, name };
}

async function startDependencies(
  around: Surroundings,
  source: ImageSource,
  service: Service,
  creation: CreationOptions,
): Promise<void> {
  const { project } = around;
  if (creation.services.length === 0) return;
  const created = await createProject(around, source, creation);
  await startProject(around, created);
  const context = { ...around, registry: new ContainerRegistry(created.containers) };
  for (const [name, { condition, required }] of Object.entries(service.dependsOn)) {
    if (condition === 'service_started' || !project.services[name]) continue;
    await awaitCondition(context, { service: name, condition, required });
  }
}
