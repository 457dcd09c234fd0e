import type { Project } from './project.js';
import type { Service } from './service.js';

/** Enables the services that have no profile, or an active one; `*` is every profile. */
export function withProfiles(project: Project, profiles: readonly string[]): Project {
  const all = Object.entries({ ...project.services, ...project.disabledServices });
  const enabled = ([, service]: [string, Service]) => hasProfile(service, profiles);
  return {
    ...project,
    profiles,
    services: Object.fromEntries(all.filter(enabled)),
    disabledServices: Object.fromEntries(all.filter((entry) => !enabled(entry))),
  };
}

/** Naming a service on the command line activates its profiles. */
export function withServicesEnabled(project: Project, names: readonly string[]): Project {
  const profiles = names.flatMap((name) =>
    project.services[name] === undefined ? (project.disabledServices[name]?.profiles ?? []) : [],
  );
  return profiles.length === 0 ? project : withProfiles(project, [...project.profiles, ...profiles]);
}

function hasProfile(service: Service, profiles: readonly string[]): boolean {
  if (service.profiles.length === 0 || profiles.includes('*')) return true;
  return service.profiles.some((profile) => profiles.includes(profile));
}
