import type { ContainerPruneResponse } from '../../../api/container.js';
import { type Filters, matchesLabels } from '../../../api/filters.js';
import { errorMessage } from '../../../shared/errors.js';
import { formatNanoTime } from '../../../shared/nanotime.js';
import { invalidFilter } from '../errors.js';
import { untilOf } from '../until.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { compareTimes } from './list-filter.js';
import { removeContainer } from './remove.js';

/** Removes the stopped containers that `label`, `label!` and `until` leave. */
export async function pruneContainers(
  context: ContainerContext,
  filters: Filters,
): Promise<ContainerPruneResponse> {
  for (const name of filters.keys()) {
    if (!['label', 'label!', 'until'].includes(name)) throw invalidFilter(name);
  }
  const until = untilOf(filters);
  const removed: string[] = [];
  let freed = 0;
  for (const container of context.store.list().filter((each) => isPrunable(each, filters, until))) {
    const bytes = await context.layers.usage(container.id).catch(() => 0);
    try {
      await removeContainer(context, container, { force: false, volumes: false });
      removed.push(container.id);
      freed += bytes;
    } catch (error) {
      context.log.warn('container is not pruned', { container: container.id, error: errorMessage(error) });
    }
  }
  const attributes = { reclaimed: String(freed) };
  context.events.publish({ type: 'container', action: 'prune', id: '', attributes });
  return { ContainersDeleted: removed.length > 0 ? removed : null, SpaceReclaimed: freed };
}

function isPrunable({ record, running }: Container, filters: Filters, until: bigint | undefined): boolean {
  if (running || ['restarting', 'removing'].includes(record.state.status)) return false;
  const labels = record.config.Labels ?? {};
  if (!matchesLabels(filters.get('label'), labels)) return false;
  for (const unwanted of filters.get('label!') ?? []) {
    if (matchesLabels(new Set([unwanted]), labels)) return false;
  }
  return until === undefined || compareTimes(record.created, formatNanoTime(until)) <= 0;
}
