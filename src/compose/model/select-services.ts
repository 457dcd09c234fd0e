import type { Project } from './project.js';
import type { Service } from './service.js';

/** Which other services come with the named ones. */
export type Along = 'dependencies' | 'dependents' | 'none';

/**
 * The project with only these services and those that come along; all of them when none is named. Dependencies on
 * services that are left out go. `missing` is thrown for a service that is not there.
 */
export function selectServices(
  project: Project,
  names: readonly string[],
  along: Along,
  missing: (name: string) => Error,
): Project {
  if (names.length === 0) return project;
  const selected = new Set<string>();
  const visit = (name: string, required: boolean): void => {
    const service = project.services[name];
    if (service === undefined) {
      if (required) throw missing(name);
      return;
    }
    if (selected.has(name)) return;
    selected.add(name);
    for (const [other, needed] of companions(project, service, along)) visit(other, needed);
  };
  for (const name of names) visit(name, true);
  return withoutServices(project, (name) => !selected.has(name));
}

function companions(project: Project, service: Service, along: Along): readonly [string, boolean][] {
  if (along === 'none') return [];
  if (along === 'dependencies') {
    return Object.entries(service.dependsOn).map(([name, { required }]) => [name, required]);
  }
  return Object.values(project.services)
    .filter(({ dependsOn }) => dependsOn[service.name] !== undefined)
    .map(({ name }) => [name, true]);
}

function withoutServices(project: Project, dropped: (name: string) => boolean): Project {
  const services = Object.entries(project.services);
  const kept = services.filter(([name]) => !dropped(name));
  return {
    ...project,
    services: Object.fromEntries(
      kept.map(([name, service]) => [name, { ...service, dependsOn: without(service.dependsOn, dropped) }]),
    ),
    disabledServices: {
      ...project.disabledServices,
      ...Object.fromEntries(services.filter(([name]) => dropped(name))),
    },
  };
}

function without<T>(
  record: Readonly<Record<string, T>>,
  dropped: (name: string) => boolean,
): Readonly<Record<string, T>> {
  return Object.fromEntries(Object.entries(record).filter(([name]) => !dropped(name)));
}
