import type { Project } from './project.js';

/** Without the networks, volumes, secrets and configs that no enabled service uses. */
export function withUsedResources(project: Project): Project {
  const services = Object.values(project.services);
  const networks = services.flatMap((service) => Object.keys(service.networks));
  const volumes = services.flatMap((service) =>
    service.volumes.flatMap(({ type, source }) =>
      type === 'volume' && source !== undefined ? [source] : [],
    ),
  );
  const secrets = services.flatMap((service) => [...service.secrets, ...(service.build?.secrets ?? [])]);
  const configs = services.flatMap((service) => service.configs);
  return {
    ...project,
    networks: only(project.networks, networks),
    volumes: only(project.volumes, volumes),
    secrets: only(
      project.secrets,
      secrets.map(({ source }) => source),
    ),
    configs: only(
      project.configs,
      configs.map(({ source }) => source),
    ),
  };
}

function only<T>(resources: Readonly<Record<string, T>>, used: readonly string[]): Record<string, T> {
  return Object.fromEntries(Object.entries(resources).filter(([name]) => used.includes(name)));
}
