import { inspectContainer } from '../../api/client/containers.js';
import type { ContainerInspect } from '../../api/client/types.js';
import { systemClock } from '../../shared/clock.js';
import { errorMessage } from '../../shared/errors.js';
import { dependencyFailed } from '../plan/errors.js';
import type { Condition } from '../plan/step.js';
import type { KnownContainer } from './container-registry.js';
import { type EngineContext, thing } from './context.js';

export interface Awaited {
  readonly service: string;
  readonly condition: Condition;
  /** False: that it fails is a warning. */
  readonly required: boolean;
}

const intervalMs = 200;

/** Waits until all containers of a service are what is wanted. Throws DEPENDENCY_FAILED as soon as they cannot be. */
export async function awaitCondition(context: EngineContext, awaited: Awaited): Promise<void> {
  const containers = context.registry.of(awaited.service);
  const tell = (status: 'working' | 'done' | 'error' | 'warning', text: string) => {
    for (const { name, machine } of containers) {
      context.progress.event({ id: thing(context, 'Container', name, machine), status, text });
    }
  };
  tell('working', 'Waiting');
  try {
    for (const container of containers) await awaitContainer(context, awaited, container);
  } catch (error) {
    context.signal.throwIfAborted();
    if (awaited.required) {
      tell('error', 'Error');
      throw error;
    }
    tell('warning', 'Skipped');
    context.progress.warn(`optional dependency "${awaited.service}" failed to start: ${errorMessage(error)}`);
    return;
  }
  tell('done', awaited.condition === 'service_completed_successfully' ? 'Exited' : 'Healthy');
}

async function awaitContainer(
  { fleet, signal }: EngineContext,
  { service, condition }: Awaited,
  container: KnownContainer,
): Promise<void> {
  const client = fleet.client(container.machine);
  for (;;) {
    const found = await inspectContainer(client, container.id, signal);
    if (isReached(service, condition, found)) return;
    await systemClock.sleep(intervalMs, signal);
  }
}

/** Throws DEPENDENCY_FAILED where it cannot be reached any more. */
export function isReached(service: string, condition: Condition, found: ContainerInspect): boolean {
  const { State, Config } = found;
  const name = found.Name.replace(/^\//, '');
  if (condition === 'service_started') return true;
  if (condition === 'service_completed_successfully') return hasCompleted(service, found);
  const hasCheck = (Config.Healthcheck?.Test?.length ?? 0) > 0 && Config.Healthcheck?.Test?.[0] !== 'NONE';
  const fails = (why: string) =>
    dependencyFailed(
      condition === 'running_or_healthy'
        ? `container ${name} ${why}`
        : `dependency failed to start: container ${name} ${why}`,
    );
  if (State.Status === 'exited') throw fails(`exited (${State.ExitCode})`);
  if (condition === 'running_or_healthy' && !hasCheck) return State.Status === 'running';
  const health = State.Health?.Status;
  if (health === undefined || health === 'none') {
    if (State.Status === 'running') throw fails('has no healthcheck configured');
    return false;
  }
  if (health === 'unhealthy') throw fails('is unhealthy');
  return health === 'healthy';
}

function hasCompleted(service: string, { State }: ContainerInspect): boolean {
  if (State.Status !== 'exited') return false;
  if (State.ExitCode === 0) return true;
  throw dependencyFailed(`service "${service}" didn't complete successfully: exit ${State.ExitCode}`);
}
