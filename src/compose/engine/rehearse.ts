import type { ContainerSummary } from '../../api/client/types.js';
import type { Action, Step } from '../plan/step.js';
import type { ObservedContainer } from '../state/observed.js';
import { type EngineContext, thing } from './context.js';

/** Tells what would happen; for `--dry-run`. */
export function rehearse(context: EngineContext, action: Action): void {
  const { kind, name, machine, words } = account(action);
  const id = thing(context, kind, name, machine);
  context.progress.event({ id, status: 'working', text: words[0] });
  context.progress.event({ id, status: 'done', text: words[1] });
}

interface Account {
  readonly kind: string;
  readonly name: string;
  readonly machine: string;
  readonly words: readonly [string, string];
}

function account(action: Action): Account {
  switch (action.kind) {
    case 'create-network':
      return { ...action, kind: 'Network', words: ['Creating', 'Created'] };
    case 'create-volume':
      return { ...action, kind: 'Volume', name: `"${action.name}"`, words: ['Creating', 'Created'] };
    case 'create':
      return {
        ...{ kind: 'Container', name: action.name, machine: action.machine },
        words: action.replaces ? ['Recreate', 'Recreated'] : ['Creating', 'Created'],
      };
    case 'start':
      return { ...action.container, kind: 'Container', words: ['Starting', 'Started'] };
    case 'stop':
      return { ...action.container, kind: 'Container', words: ['Stopping', 'Stopped'] };
    case 'remove':
      return { ...action.container, kind: 'Container', words: ['Removing', 'Removed'] };
    case 'await':
      return { kind: 'Service', name: action.service, machine: '', words: ['Waiting', 'Healthy'] };
    case 'remove-network':
      return { ...action, kind: 'Network', words: ['Removing', 'Removed'] };
    case 'remove-volume':
      return { ...action, kind: 'Volume', words: ['Removing', 'Removed'] };
    case 'remove-image':
      return { ...action, kind: 'Image', words: ['Removing', 'Removed'] };
  }
}

/** The containers that there would be after these steps. */
export function imagine(
  containers: readonly ObservedContainer[],
  steps: readonly Step[],
): readonly ObservedContainer[] {
  const gone = new Set<string>();
  const stopped = new Set<string>();
  const made: ObservedContainer[] = [];
  for (const { action } of steps) {
    if (action.kind === 'remove') gone.add(action.container.id);
    if (action.kind === 'stop') stopped.add(action.container.id);
    if (action.kind !== 'create') continue;
    if (action.replaces) gone.add(action.replaces.id);
    made.push(imagined(action));
  }
  const kept = containers
    .filter(({ id }) => !gone.has(id))
    .map((container) => (stopped.has(container.id) ? { ...container, state: 'exited' } : container));
  return [...kept, ...made];
}

function imagined({
  machine,
  service,
  number,
  name,
}: Extract<Action, { kind: 'create' }>): ObservedContainer {
  const summary: ContainerSummary = {
    ...{ Id: name, Names: [`/${name}`], Image: '', ImageID: '', Command: '', Created: 0 },
    ...{ State: 'created', Status: 'Created' },
  };
  return {
    ...{ machine, id: name, name, service, number, oneOff: false, state: 'created', summary },
    ...{ configHash: undefined, image: undefined, networkIds: [], mounts: [] },
  };
}
