import type { Project } from './model/project.js';
import type { Service } from './model/service.js';

type Named = Pick<Project, 'name' | 'separator'>;

/** "PROJECT-SERVICE-NUMBER", or what the service says. */
export function containerName(project: Named, service: Service, number: number): string {
  return service.containerName ?? [project.name, service.name, number].join(project.separator);
}

/** "PROJECT-SERVICE-run-SLUG" */
export function oneOffName(project: Named, service: Service, slug: string): string {
  return [project.name, service.name, 'run', slug.slice(0, 12)].join(project.separator);
}

/** The image that a service runs: the one it names, or the one that is built for it. */
export function imageName(project: Named, service: Service): string {
  return service.image ?? [project.name, service.name].join(project.separator);
}

/** How many containers a service is to have. */
export function scaleOf(service: Service): number {
  return service.scale ?? service.deploy?.replicas ?? 1;
}

/** Keys of the service's networks, the one that is joined first at the beginning. */
export function networksByPriority(service: Service): readonly string[] {
  return Object.entries(service.networks)
    .toSorted(
      ([left, a], [right, b]) =>
        (b.priority ?? 0) - (a.priority ?? 0) || Number(left > right) - Number(left < right),
    )
    .map(([key]) => key);
}

/** The service X of "service:X". */
export function referredService(mode: string | undefined): string | undefined {
  return /^service:(.+)$/.exec(mode ?? '')?.[1];
}

/** Names of the services of which a service needs a container to share something with. */
export function sharedWith(service: Service): readonly string[] {
  const modes = [service.networkMode, service.ipc, service.pid].map(referredService);
  const volumes = service.volumesFrom
    .filter((from) => !from.startsWith('container:'))
    .map((from) => from.split(':')[0]);
  return [...new Set([...modes, ...volumes].filter((name) => name !== undefined))];
}
