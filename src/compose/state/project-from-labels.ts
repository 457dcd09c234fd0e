import { label } from '../labels.js';
import type { Network, Project, Volume } from '../model/project.js';
import type { Dependency, Service } from '../model/service.js';
import { serviceWith } from '../model/service-with.js';
import type { ObservedResources } from './observe.js';
import type { ObservedContainer } from './observed.js';

/** What can be known of a project without its files: from the labels of what was made for it. */
export function projectFromLabels(
  name: string,
  containers: readonly ObservedContainer[],
  resources: readonly ObservedResources[],
): Project {
  const own = <T extends { readonly Labels: Readonly<Record<string, string>> | null }>(
    things: readonly T[],
  ) => things.filter(({ Labels }) => Labels?.[label.project] === name);
  const networks = own(resources.flatMap((each) => each.networks)).map(
    ({ Name, Labels }) => [Labels[label.network] ?? Name, network(Name)] as const,
  );
  const volumes = own(resources.flatMap((each) => each.volumes)).map(
    ({ Name, Labels }) => [Labels?.[label.volume] ?? Name, volume(Name)] as const,
  );
  return {
    ...{ name, workingDirectory: process.cwd(), files: [], environment: {}, profiles: [] },
    ...{ separator: '-', disabledServices: {}, secrets: {}, configs: {}, models: {}, extensions: {} },
    services: Object.fromEntries(
      containers.filter(({ oneOff }) => !oneOff).map((each) => [each.service, service(each)]),
    ),
    networks: Object.fromEntries(networks),
    volumes: Object.fromEntries(volumes),
  };
}

function service({ service: name, summary }: ObservedContainer): Service {
  const { Image: image, Labels } = summary;
  return serviceWith(name, { image, dependsOn: dependencies(Labels?.[label.dependsOn] ?? '') });
}

/** "SERVICE:CONDITION:RESTART,…" */
function dependencies(text: string): Readonly<Record<string, Dependency>> {
  const conditions = ['service_healthy', 'service_completed_successfully', 'service_started'] as const;
  return Object.fromEntries(
    text.split(',').flatMap((entry) => {
      const [name = '', written, restart] = entry.split(':');
      const condition = conditions.find((known) => known === written) ?? 'service_started';
      return name === ''
        ? []
        : [[name, { condition, restart: restart === 'true', required: true, extensions: {} }]];
    }),
  );
}

function network(name: string): Network {
  return {
    ...{ name, driverOpts: {}, external: false, internal: false, attachable: false, labels: {} },
    ...{ ipam: { config: [], options: {}, extensions: {} }, extensions: {} },
  };
}

function volume(name: string): Volume {
  return { name, driverOpts: {}, external: false, labels: {}, extensions: {} };
}
