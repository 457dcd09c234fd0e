import type { Project } from '../../compose/model/project.js';
import type { Service } from '../../compose/model/service.js';
import { buildCycle } from './errors.js';

/** The service whose image a further context is: "service:NAME". */
export function contextService(place: string): string | undefined {
  return /^service:(.+)$/.exec(place)?.[1];
}

/** Services whose images the build of a service begins with. */
export function builtBefore({ services }: Project, { build }: Service): readonly Service[] {
  return Object.values(build?.additionalContexts ?? {}).flatMap(
    (place) => services[contextService(place) ?? ''] ?? [],
  );
}

/** Throws BUILD_CYCLE when a service's image is built upon itself. */
export function refuseCycle(project: Project, service: Service, behind: readonly string[] = []): void {
  const way = [...behind, service.name];
  if (behind.includes(service.name)) throw buildCycle(way);
  for (const other of builtBefore(project, service)) refuseCycle(project, other, way);
}
