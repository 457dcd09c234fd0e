import type { EventMessage } from '../../../api/event.js';
import { type Filters, matchesLabels } from '../../../api/filters.js';

/** `filters` of the events, as moby's daemon/events/filter.go reads them; it ignores names that it does not know. */
export function eventFilter(filters: Filters): (event: EventMessage) => boolean {
  return (event) =>
    any(filters, 'type', (value) => event.Type === value) &&
    // "exec_start" also means "exec_start: COMMAND".
    any(filters, 'event', (value) => event.Action === value || event.Action.startsWith(`${value}:`)) &&
    any(filters, 'scope', (value) => event.scope === value) &&
    matchesLabels(filters.get('label'), event.Actor.Attributes) &&
    (['container', 'image', 'volume', 'network', 'daemon'] as const).every((type) =>
      any(filters, type, (value) => isActor(event, type, value)),
    );
}

function isActor({ Type, Actor }: EventMessage, type: string, value: string): boolean {
  const { name, image = '' } = { name: undefined, ...Actor.Attributes };
  if (Type === type) return Actor.ID === value || name === value || Actor.ID.startsWith(value);
  return type === 'image' && (image === value || image.split(':')[0] === value);
}

function any(filters: Filters, name: string, test: (value: string) => boolean): boolean {
  const values = filters.get(name);
  return values === undefined || [...values].some(test);
}
