import { actOnContainer, type SimpleAction } from '../../api/client/container-actions.js';
import type { QueryValue } from '../../api/client/request.js';
import { type EngineContext, thing } from '../../compose/engine/context.js';
import { observeContainers } from '../../compose/state/observe.js';
import type { ObservedContainer } from '../../compose/state/observed.js';
import { settleAll } from '../../shared/settle-all.js';
import { joinedErrors } from '../joined-errors.js';
import type { OpenProject } from './project-command.js';

export interface SimpleWork {
  readonly action: SimpleAction;
  readonly query?: Readonly<Record<string, QueryValue>>;
  /** What is told before and after: "Pausing", "Paused". */
  readonly words: readonly [string, string];
}

/** The containers of the services that are meant, without one-off ones. */
export async function ownContainers(open: OpenProject): Promise<readonly ObservedContainer[]> {
  const containers = await observeContainers(open.fleet, open.project.name, open.signal);
  return containers.filter(({ service, oneOff }) => !oneOff && open.services.includes(service));
}

/** Does one and the same with all these containers. When some fail, the others still finish. */
export async function actOnAll(
  open: Pick<EngineContext, 'fleet' | 'progress' | 'signal' | 'parallel' | 'dryRun'>,
  containers: readonly ObservedContainer[],
  { action, query = {}, words }: SimpleWork,
): Promise<void> {
  const results = await settleAll(containers, open.parallel, async ({ machine, id: containerId, name }) => {
    const id = thing(open, 'Container', name, machine);
    open.progress.event({ id, status: 'working', text: words[0] });
    try {
      if (!open.dryRun)
        await actOnContainer(open.fleet.client(machine), containerId, action, query, open.signal);
    } catch (error) {
      open.progress.event({ id, status: 'error', text: 'Error' });
      throw error;
    }
    open.progress.event({ id, status: 'done', text: words[1] });
  });
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  );
  if (failures.length > 0) throw joinedErrors(failures, failures[0]);
}
