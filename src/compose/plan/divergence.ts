import type { Project } from '../model/project.js';
import type { Service } from '../model/service.js';
import { sharedWith } from '../naming.js';
import { isServiceHash } from '../service-hash.js';
import type { ObservedContainer } from '../state/observed.js';
import { type ContainerIdOf, resolveReferences } from './resolve-references.js';

export type RecreatePolicy = 'diverged' | 'force' | 'never';

/** What a container is compared with. */
export interface Wanted {
  readonly project: Project;
  readonly service: Service;
  readonly policy: RecreatePolicy;
  /** ID of the image as it is now; undefined where it is not known. */
  readonly image: string | undefined;
  /** Of the networks that are there: key → ID. */
  readonly networkIds: ReadonlyMap<string, string>;
  /** Of the containers that stay as they are; undefined for a service whose first container will be another. */
  readonly idOf: ContainerIdOf;
}

/** Whether a container is not what the project says any more, so that it has to be made anew. */
export function hasDiverged(wanted: Wanted, container: ObservedContainer): boolean {
  if (wanted.policy === 'never') return false;
  if (wanted.policy === 'force') return true;
  return (
    isConfiguredOtherwise(wanted, container) ||
    (wanted.image !== undefined && container.image !== wanted.image) ||
    lacksNetwork(wanted, container) ||
    lacksVolume(wanted, container)
  );
}

/** Also when a container that it shares something with is yet to be made. */
function isConfiguredOtherwise({ service, idOf }: Wanted, { configHash }: ObservedContainer): boolean {
  if (sharedWith(service).some((name) => idOf(name) === undefined)) return true;
  return configHash === undefined || !isServiceHash(resolveReferences(service, idOf), configHash);
}

/** Engines tell the networks of a stopped container by what it last had: only running ones are compared. */
function lacksNetwork({ service, networkIds }: Wanted, container: ObservedContainer): boolean {
  if (container.state !== 'running') return false;
  return Object.keys(service.networks).some((key) => {
    const id = networkIds.get(key);
    return id === undefined || !container.networkIds.includes(id);
  });
}

function lacksVolume({ project, service }: Wanted, container: ObservedContainer): boolean {
  return service.volumes.some(({ type, source }) => {
    if (type !== 'volume' || source === undefined) return false;
    const name = project.volumes[source]?.name;
    return !container.mounts.some((mount) => mount.Type === 'volume' && mount.Name === name);
  });
}
