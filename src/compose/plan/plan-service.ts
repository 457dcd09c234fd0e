import type { InheritedVolume } from '../convert/mounts.js';
import type { Service } from '../model/service.js';
import { containerName, scaleOf } from '../naming.js';
import type { ObservedContainer } from '../state/observed.js';
import { hasDiverged, type Wanted } from './divergence.js';
import { containerNameTaken } from './errors.js';

export interface ServicePlan {
  readonly kept: readonly ObservedContainer[];
  readonly recreated: readonly ObservedContainer[];
  /** More than there should be, or on a machine that the service is not on any more. */
  readonly removed: readonly ObservedContainer[];
  readonly created: readonly { readonly number: number; readonly name: string }[];
}

/** What is to happen with the containers of one service. Throws CONTAINER_NAME_NOT_SCALABLE. */
export function planService(
  wanted: Wanted,
  machine: string,
  containers: readonly ObservedContainer[],
): ServicePlan {
  const { project, service } = wanted;
  const scale = scaleOf(service);
  if (scale > 1 && service.containerName !== undefined) {
    throw containerNameTaken(service.name, service.containerName);
  }
  const here = containers.filter(
    (container) => container.machine === machine && container.number !== undefined,
  );
  const diverged = new Set(here.filter((container) => hasDiverged(wanted, container)));
  // What is as it should be stays, and of that the lowest numbers.
  const ranked = here.toSorted(
    (left, right) =>
      Number(diverged.has(left)) - Number(diverged.has(right)) || (left.number ?? 0) - (right.number ?? 0),
  );
  const staying = ranked.slice(0, scale);
  const next = Math.max(0, ...here.map(({ number }) => number ?? 0)) + 1;
  return {
    kept: staying.filter((container) => !diverged.has(container)),
    recreated: staying.filter((container) => diverged.has(container)),
    removed: containers.filter((container) => !staying.includes(container)),
    created: Array.from({ length: Math.max(0, scale - staying.length) }, (_, index) => ({
      number: next + index,
      name: containerName(project, service, next + index),
    })),
  };
}

/** The anonymous volumes that a container hands on: those of the file without a name, and those of the image. */
export function inheritedVolumes(
  service: Service,
  container: ObservedContainer,
  imageVolumes: readonly string[],
): readonly InheritedVolume[] {
  const anonymous = service.volumes.filter(({ type, source }) => type === 'volume' && source === undefined);
  const declared = service.volumes.filter((mount) => !anonymous.includes(mount)).map(({ target }) => target);
  const targets = new Set([...anonymous.map(({ target }) => target), ...imageVolumes]);
  return container.mounts.flatMap(({ Type, Name, Destination = '', RW }) =>
    Type === 'volume' && Name !== undefined && targets.has(Destination) && !declared.includes(Destination)
      ? [{ name: Name, target: Destination, readOnly: RW === false }]
      : [],
  );
}
