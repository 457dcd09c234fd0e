import type { Fleet } from '../fleet.js';
import type { Project } from '../model/project.js';
import type { ContainerRegistry } from './container-registry.js';
import type { Progress } from './progress.js';

/** What everything that works on engines is given. */
export interface EngineContext {
  readonly project: Project;
  readonly fleet: Fleet;
  readonly registry: ContainerRegistry;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Seconds until a container that is stopped is killed; undefined: what the container says. */
  readonly timeout: number | undefined;
  /** How many things are done at the same time. */
  readonly parallel: number;
  /** Only say what would be done. */
  readonly dryRun: boolean;
}

/** "Container app-web-1", with its machine where there are several. */
export function thing(
  context: Pick<EngineContext, 'fleet'>,
  kind: string,
  name: string,
  machine: string,
): string {
  const where = context.fleet.machines.length > 1 ? ` (${machine})` : '';
  return `${kind} ${name}${where}`;
}
