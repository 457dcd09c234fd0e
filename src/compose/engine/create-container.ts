import { actOnContainer, removeContainer } from '../../api/client/container-actions.js';
import { createContainer } from '../../api/client/containers.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { connectNetwork } from '../../api/client/networks.js';
import { UndoStack } from '../../shared/undo-stack.js';
import { type ContainerOptions, containerRequest } from '../convert/container-request.js';
import type { Service } from '../model/service.js';
import { resolveReferences } from '../plan/resolve-references.js';
import type { CreateContainer } from '../plan/step.js';
import { type EngineContext, thing } from './context.js';
import { injectFiles } from './inject-files.js';
import { containerLinks } from './links.js';
import { readSecurityProfiles } from './security-profiles.js';
import { stopContainer } from './stop-container.js';

/** Creates a container of a plan, in the place of another one where the plan says so. Nothing is left when it fails. */
export async function performCreate(
  context: EngineContext,
  action: CreateContainer,
  imageId: string | undefined,
): Promise<void> {
  const { replaces } = action;
  const { progress, registry } = context;
  const id = thing(context, 'Container', replaces?.name ?? action.name, action.machine);
  const [begun, ended] = replaces ? ['Recreate', 'Recreated'] : ['Creating', 'Created'];
  progress.event({ id, status: 'working', text: begun });
  const service = context.project.services[action.service];
  if (!service) return;
  const { machine, name, number } = action;
  const options = {
    ...{ number, imageId, inherited: action.inherited, replaces: replaces?.id },
    ...{ useAliases: true, attachStdin: false, autoRemove: false },
  };
  const created = await (replaces
    ? replaceContainer(context, service, action, options)
    : createFromService(context, { service, machine, name, options }));
  registry.set({ machine, id: created, name, service: service.name, number });
  progress.event({ id, status: 'done', text: ended });
}

export interface CreateRequest {
  readonly service: Service;
  readonly machine: string;
  readonly name: string;
  readonly options: Omit<ContainerOptions, 'links'>;
}

/** The ID of a new container that is in all its networks and has its secrets and configs. */
export async function createFromService(context: EngineContext, request: CreateRequest): Promise<string> {
  const { project, registry, fleet, signal } = context;
  const client = fleet.client(request.machine);
  const resolved = resolveReferences(request.service, (other) => registry.of(other)[0]?.id);
  const service = await readSecurityProfiles(project, resolved);
  const { number, slug } = request.options;
  const which = { number, isOneOff: slug !== undefined };
  const links = containerLinks(project.name, request.service, which, registry);
  const { body, furtherNetworks } = containerRequest(project, service, {
    ...{ ...request.options, links, machines: fleet.machines },
  });
  const platform = service.platform ?? project.environment['DOCKER_DEFAULT_PLATFORM'];
  const created = await createContainer(client, body, { name: request.name, platform }, signal);
  for (const warning of created.Warnings ?? []) context.progress.warn(`${service.name}: ${warning}`);
  await using undo = new UndoStack();
  undo.push(() => discard(client, created.Id));
  for (const { network, settings } of furtherNetworks) {
    const connection = { Container: created.Id, EndpointConfig: settings };
    await connectNetwork(client, network, connection, signal);
  }
  await injectFiles(client, created.Id, project, service, signal);
  undo.commit();
  return created.Id;
}

/** The new one has a name of its own until the old one is gone. */
async function replaceContainer(
  context: EngineContext,
  service: Service,
  action: CreateContainer,
  options: Omit<ContainerOptions, 'links'>,
): Promise<string> {
  const { machine, name, replaces } = action;
  const client = context.fleet.client(machine);
  const passing = `${replaces?.id.slice(0, 12)}_${name}`;
  const created = await createFromService(context, { service, machine, name: passing, options });
  await using undo = new UndoStack();
  undo.push(() => discard(client, created));
  if (replaces) {
    await stopContainer(context, replaces);
    await removeContainer(client, replaces.id, {}, context.signal);
    context.registry.delete(machine, replaces.name);
  }
  undo.commit(); // from here on it is the only one there is
  await actOnContainer(client, created, 'rename', { name }, context.signal);
  return created;
}

/** Without a signal: this has to happen after Ctrl-C, too. */
async function discard(client: EngineClient, id: string): Promise<void> {
  await removeContainer(client, id, { force: true, v: true }).catch(() => {}); // what failed before is what is told
}
