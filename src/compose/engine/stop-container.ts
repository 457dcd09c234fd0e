import { actOnContainer } from '../../api/client/container-actions.js';
import type { EngineContext } from './context.js';
import { runHooks } from './hooks.js';

export interface StoppedContainer {
  readonly machine: string;
  readonly id: string;
  readonly service: string;
  readonly state: string;
}

/** Runs the service's `pre_stop` hooks in it, and stops it. */
export async function stopContainer(context: EngineContext, container: StoppedContainer): Promise<void> {
  const { machine, id, service, state } = container;
  const client = context.fleet.client(machine);
  const hooks = context.project.services[service]?.preStop ?? [];
  if (state === 'running') await runHooks(client, id, hooks, context.signal);
  await actOnContainer(client, id, 'stop', { t: context.timeout }, context.signal);
}
