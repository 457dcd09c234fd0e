import type { Service } from '../model/service.js';
import type { ContainerRegistry } from './container-registry.js';

/**
 * The service's `links` and `external_links` as the engine takes them, "CONTAINER:ALIAS": each container of a linked
 * service by its alias, by "SERVICE-NUMBER" and by "PROJECT-SERVICE-NUMBER".
 */
export function containerLinks(
  project: string,
  service: Service,
  options: { readonly number: number; readonly isOneOff: boolean },
  registry: ContainerRegistry,
): readonly string[] {
  const { number, isOneOff } = options;
  const own = service.links.flatMap((link) => {
    const [name = '', alias = name] = link.split(':');
    return registry
      .of(name)
      .flatMap((container) => [
        `${container.name}:${alias}`,
        `${container.name}:${name}-${number}`,
        `${container.name}:${project}-${name}-${number}`,
      ]);
  });
  const others = service.externalLinks.map((link) => {
    const [name = '', alias = name] = link.split(':');
    return `${name}:${alias}`;
  });
  return [...own, ...(isOneOff ? linksToService(project, service.name, registry) : []), ...others];
}

/** A one-off container reaches the containers of its service by their names. */
function linksToService(project: string, service: string, registry: ContainerRegistry): readonly string[] {
  return registry.of(service).flatMap(({ name }) => {
    const short = name.startsWith(`${project}-`) ? name.slice(project.length + 1) : name;
    return [`${name}:${service}`, `${name}:${short}`, `${name}:${name}`];
  });
}
