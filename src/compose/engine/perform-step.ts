import { removeContainer } from '../../api/client/container-actions.js';
import { startContainer } from '../../api/client/containers.js';
import { removeImage } from '../../api/client/images.js';
import { createNetwork, removeNetwork } from '../../api/client/networks.js';
import { createVolume, removeVolume } from '../../api/client/volumes.js';
import { isTsmachineError } from '../../shared/errors.js';
import { networkRequest } from '../convert/network-request.js';
import { volumeRequest } from '../convert/volume-request.js';
import type { Action, ContainerPlace, Step } from '../plan/step.js';
import type { ObservedContainer } from '../state/observed.js';
import { awaitCondition } from './await-condition.js';
import { type EngineContext, thing } from './context.js';
import { performCreate } from './create-container.js';
import { runHooks } from './hooks.js';
import { rehearse } from './rehearse.js';
import { runSteps } from './run-steps.js';
import { stopContainer } from './stop-container.js';

/** IDs of the services' images, for the containers' labels. */
export type ImageIds = ReadonlyMap<string, string>;

/** Carries a plan out. Throws the first failure, when nothing is under way any more. */
export async function performSteps(
  context: EngineContext,
  steps: readonly Step[],
  images: ImageIds = new Map(),
): Promise<void> {
  const options = { limit: context.parallel, signal: context.signal };
  await runSteps(
    steps,
    async ({ action }) => (context.dryRun ? rehearse(context, action) : perform(context, action, images)),
    options,
  );
}

async function perform(context: EngineContext, action: Action, images: ImageIds): Promise<void> {
  switch (action.kind) {
    case 'create-network':
    case 'create-volume':
      return await createResource(context, action);
    case 'create':
      return await failing(context, 'Container', action, () =>
        performCreate(context, action, images.get(action.service)),
      );
    case 'start':
      return await start(context, action.container);
    case 'stop':
      return await stop(context, action.container);
    case 'remove':
      return await remove(context, action.container, action.volumes);
    case 'await':
      return await awaitCondition(context, action);
    case 'remove-network':
    case 'remove-volume':
    case 'remove-image':
      return await removeResource(context, action);
  }
}

async function createResource(
  context: EngineContext,
  action: Extract<Action, { kind: 'create-network' | 'create-volume' }>,
): Promise<void> {
  const { project, fleet, signal, progress } = context;
  const { kind, machine, key, name } = action;
  const client = fleet.client(machine);
  const isNetwork = kind === 'create-network';
  const [word, shown] = isNetwork ? ['Network', name] : ['Volume', `"${name}"`];
  const id = thing(context, word, shown, machine);
  progress.event({ id, status: 'working', text: 'Creating' });
  await failing(context, word, { name: shown, machine }, async () => {
    if (isNetwork) await createNetwork(client, networkRequest(project, key), signal);
    else await createVolume(client, volumeRequest(project, key), signal);
  });
  progress.event({ id, status: 'done', text: 'Created' });
}

async function start(context: EngineContext, { machine, service, name }: ContainerPlace): Promise<void> {
  const { fleet, registry, signal, progress, project } = context;
  const id = thing(context, 'Container', name, machine);
  const container = registry.find(machine, name);
  if (!container) return;
  progress.event({ id, status: 'working', text: 'Starting' });
  await failing(context, 'Container', { name, machine }, async () => {
    await startContainer(fleet.client(machine), container.id, signal);
    const hooks = project.services[service]?.postStart ?? [];
    await runHooks(fleet.client(machine), container.id, hooks, signal);
  });
  progress.event({ id, status: 'done', text: 'Started' });
}

async function stop(context: EngineContext, container: ObservedContainer): Promise<void> {
  const id = thing(context, 'Container', container.name, container.machine);
  context.progress.event({ id, status: 'working', text: 'Stopping' });
  await failing(context, 'Container', container, () => stopContainer(context, container));
  context.progress.event({ id, status: 'done', text: 'Stopped' });
}

async function remove(context: EngineContext, container: ObservedContainer, volumes: boolean): Promise<void> {
  const { fleet, registry, signal, progress } = context;
  const { machine, name } = container;
  const id = thing(context, 'Container', name, machine);
  progress.event({ id, status: 'working', text: 'Removing' });
  await failing(context, 'Container', container, async () => {
    try {
      await removeContainer(fleet.client(machine), container.id, { force: true, v: volumes }, signal);
    } catch (error) {
      if (!isKind(error, 'not-found') && !isBeingRemoved(error)) throw error;
    }
  });
  registry.delete(machine, name);
  progress.event({ id, status: 'done', text: 'Removed' });
}

async function removeResource(
  context: EngineContext,
  action: Extract<Action, { kind: 'remove-network' | 'remove-volume' | 'remove-image' }>,
): Promise<void> {
  const { fleet, signal, progress } = context;
  const { machine, name } = action;
  const client = fleet.client(machine);
  const word = { 'remove-network': 'Network', 'remove-volume': 'Volume', 'remove-image': 'Image' }[
    action.kind
  ];
  const id = thing(context, word, name, machine);
  progress.event({ id, status: 'working', text: 'Removing' });
  try {
    if (action.kind === 'remove-network') await removeNetwork(client, action.id, signal);
    else if (action.kind === 'remove-volume') await removeVolume(client, name, { force: true }, signal);
    else await removeImage(client, name, { force: false, noprune: false }, signal);
    progress.event({ id, status: 'done', text: 'Removed' });
  } catch (error) {
    const text = isInUse(error)
      ? 'Resource is still in use'
      : isKind(error, 'not-found')
        ? 'No resource found to remove'
        : undefined;
    if (text === undefined) {
      progress.event({ id, status: 'error', text: 'Error' });
      throw error;
    }
    progress.event({ id, status: 'warning', text });
  }
}

/** Marks what failed, besides throwing why. */
async function failing(
  context: EngineContext,
  kind: string,
  { name, machine }: { readonly name: string; readonly machine: string },
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const id = thing(context, kind, name, machine);
    if (!context.signal.aborted) context.progress.event({ id, status: 'error', text: 'Error' });
    throw error;
  }
}

function isKind(error: unknown, kind: string): boolean {
  return isTsmachineError(error) && error.kind === kind;
}

function isBeingRemoved(error: unknown): boolean {
  return isTsmachineError(error) && /already in progress/.test(error.message);
}

/** Engines answer 403 for a network and 409 for a volume or image. */
function isInUse(error: unknown): boolean {
  return (
    isKind(error, 'conflict') || (isTsmachineError(error) && /active endpoints|in use/.test(error.message))
  );
}
