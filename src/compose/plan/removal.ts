import type { ObservedContainer } from '../state/observed.js';
import type { Step } from './step.js';

/** Stopping a container, and removing it after that, with its anonymous volumes if wanted. */
export function removal(
  container: ObservedContainer,
  options: { readonly after?: readonly string[]; readonly volumes?: boolean } = {},
): readonly Step[] {
  const { after = [], volumes = false } = options;
  return [
    { id: stopId(container), after, action: { kind: 'stop', container } },
    {
      id: `remove:${container.machine}/${container.name}`,
      after: [stopId(container)],
      action: { kind: 'remove', container, volumes },
    },
  ];
}

export function stopId({ machine, name }: ObservedContainer): string {
  return `stop:${machine}/${name}`;
}
