import type { Deploy } from '../model/deploy.js';
import type { FileObject, Project } from '../model/project.js';
import type { Service } from '../model/service.js';

/** Of the values at these names, those that say something. */
type Said<T> = Readonly<Record<string, (value: T) => unknown>>;

/** Swarm's: they say how it spreads and replaces what it runs. */
const ofDeploy: Said<Deploy> = {
  endpoint_mode: ({ endpointMode }) => endpointMode,
  labels: ({ labels }) => Object.keys(labels).length > 0,
  mode: ({ mode }) => mode !== undefined && mode !== 'replicated',
  'placement.max_replicas_per_node': ({ placement }) => placement.maxReplicasPerNode,
  'placement.preferences': ({ placement }) => placement.preferences.length > 0,
  'resources.reservations.cpus': ({ resources }) => resources.reservations?.cpus,
  'resources.reservations.generic_resources': ({ resources }) =>
    (resources.reservations?.genericResources.length ?? 0) > 0,
  'restart_policy.delay': ({ restartPolicy }) => restartPolicy?.delayNs,
  'restart_policy.window': ({ restartPolicy }) => restartPolicy?.windowNs,
  rollback_config: ({ rollbackConfig }) => rollbackConfig,
  update_config: ({ updateConfig }) => updateConfig,
};

/** Only swarm keeps secrets and configs as things of their own. */
const ofFiles: Said<FileObject> = {
  driver: ({ driver }) => driver,
  driver_opts: ({ driverOpts }) => Object.keys(driverOpts).length > 0,
  labels: ({ labels }) => Object.keys(labels).length > 0,
  template_driver: ({ templateDriver }) => templateDriver,
};

/** What these services say, or use, that changes nothing here: a line for each service, secret and config. */
export function attributesWithoutEffect(project: Project, names: readonly string[]): readonly string[] {
  const services = names.flatMap((name) => project.services[name] ?? []);
  return [
    ...services.flatMap(({ name, deploy }) =>
      deploy ? told(`services.${name}.deploy`, deploy, ofDeploy) : [],
    ),
    ...services.flatMap(({ name, build }) =>
      build?.isolation === undefined ? [] : [message(`services.${name}.build.isolation`, "Windows's")],
    ),
    ...files('secrets', project.secrets, services),
    ...files('configs', project.configs, services),
  ];
}

function files(
  kind: 'secrets' | 'configs',
  objects: Project['secrets'],
  services: readonly Service[],
): readonly string[] {
  const used = new Set(services.flatMap((service) => service[kind].map(({ source }) => source)));
  return [...used].flatMap((key) => {
    const object = objects[key];
    return object && !object.external ? told(`${kind}.${key}`, object, ofFiles) : [];
  });
}

function told<T>(path: string, value: T, attributes: Said<T>): readonly string[] {
  const said = Object.keys(attributes).filter((name) => attributes[name]?.(value));
  return said.length === 0 ? [] : [message(`${path}.${said.join(', ')}`, "swarm's")];
}

function message(what: string, whose: string): string {
  return `${what}: no effect, it is ${whose}`;
}
