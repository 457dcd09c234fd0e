import { containerLabels } from '../../../../src/compose/convert/container-labels.js';
import { label } from '../../../../src/compose/labels.js';
import type { Network, Project, Volume } from '../../../../src/compose/model/project.js';
import type { Dependency, Service } from '../../../../src/compose/model/service.js';
import { serviceWith } from '../../../../src/compose/model/service-with.js';
import type { CreationRequest, Observed } from '../../../../src/compose/plan/plan-creation.js';
import type { Step } from '../../../../src/compose/plan/step.js';
import { type ObservedContainer, observedContainer } from '../../../../src/compose/state/observed.js';

/** A project "app" of these services; the networks and volumes that they use are declared. */
export function projectOf(
  services: Readonly<Record<string, Partial<Service>>>,
  rest: Partial<Project> = {},
): Project {
  const all = Object.entries(services).map(([name, attributes]) => {
    const networks = attributes.networks ?? (attributes.networkMode ? {} : { default: noEndpoint });
    return [name, serviceWith(name, { image: 'busybox', ...attributes, networks })] as const;
  });
  const networks = all.flatMap(([, service]) => Object.keys(service.networks));
  const volumes = all.flatMap(([, service]) => service.volumes.flatMap(({ source }) => source ?? []));
  return {
    ...{ name: 'app', workingDirectory: '/app', files: ['/app/compose.yaml'], environment: {}, profiles: [] },
    ...{
      separator: '-' as const,
      disabledServices: {},
      secrets: {},
      configs: {},
      models: {},
      extensions: {},
    },
    services: Object.fromEntries(all),
    networks: Object.fromEntries(networks.map((key) => [key, networkOf(`app_${key}`)])),
    volumes: Object.fromEntries(volumes.map((key) => [key, volumeOf(`app_${key}`)])),
    ...rest,
  };
}

export const noEndpoint = { aliases: [], linkLocalIps: [], driverOpts: {}, extensions: {} };

export function networkOf(name: string, attributes: Partial<Network> = {}): Network {
  return {
    ...{ name, driverOpts: {}, external: false, internal: false, attachable: false, labels: {} },
    ...{ ipam: { config: [], options: {}, extensions: {} }, extensions: {}, ...attributes },
  };
}

export function volumeOf(name: string, attributes: Partial<Volume> = {}): Volume {
  return { name, driverOpts: {}, external: false, labels: {}, extensions: {}, ...attributes };
}

export function dependsOn(
  condition: Dependency['condition'] = 'service_started',
  attributes: Partial<Dependency> = {},
): Dependency {
  return { condition, restart: false, required: true, extensions: {}, ...attributes };
}

export interface ContainerOptions {
  readonly number?: number;
  readonly state?: string;
  readonly machine?: string;
  readonly image?: string;
  readonly oneOff?: boolean;
  readonly mounts?: readonly { readonly Type: string; readonly Name: string; readonly Destination: string }[];
  /** Of another service than the project's, so that it is no longer what it should be. */
  readonly service?: Service;
}

/** A running container as it was made for the service, in the networks that `observed` makes. */
export function containerOf(
  project: Project,
  name: string,
  options: ContainerOptions = {},
): ObservedContainer {
  const { number = 1, state = 'running', machine = 'home', image = 'sha256:1', oneOff } = options;
  const service = options.service ?? project.services[name] ?? serviceWith(name, {});
  const slug = oneOff ? 'slug' : undefined;
  return observedContainer(machine, {
    ...{ Id: `id-of-${machine}-${name}-${number}`.padEnd(64, '0'), Names: [`/app-${name}-${number}`] },
    ...{ Image: 'busybox', ImageID: image, Command: 'sh', Created: 1, State: state, Status: state },
    Labels: containerLabels(project, service, { number, slug, imageId: image }),
    Mounts: options.mounts ?? [],
    NetworkSettings: {
      Networks: Object.fromEntries(
        Object.keys(service.networks).map((key) => [`app_${key}`, { NetworkID: `net-${key}` }]),
      ),
    },
  });
}

/** What one machine has: these containers, and all networks and volumes of the project unless it is `empty`. */
export function observed(
  project: Project,
  containers: readonly ObservedContainer[],
  options: { readonly empty?: boolean; readonly machines?: readonly string[] } = {},
): Observed {
  const networks = Object.entries(project.networks).map(([key, { name }]) => ({
    ...{ Name: name, Id: `net-${key}`, Created: '', Scope: 'local' as const, Driver: 'bridge' },
    ...{ EnableIPv4: true, EnableIPv6: false, Internal: false, Attachable: false, Ingress: false },
    ...{
      IPAM: { Driver: 'default', Options: null, Config: [] },
      ConfigFrom: { Network: '' },
      ConfigOnly: false,
    },
    ...{ Containers: {}, Options: {}, Labels: { [label.project]: project.name, [label.network]: key } },
  }));
  const volumes = Object.entries(project.volumes).map(([key, { name }]) => ({
    ...{ Name: name, Driver: 'local', Mountpoint: '/', Options: null, Scope: 'local' as const },
    Labels: { [label.project]: project.name, [label.volume]: key },
  }));
  const resources = options.empty ? { networks: [], volumes: [] } : { networks, volumes };
  const machines = options.machines ?? ['home'];
  return { containers, resources: new Map(machines.map((machine) => [machine, resources])) };
}

export function creation(project: Project, rest: Partial<CreationRequest> = {}): CreationRequest {
  const names = Object.keys(project.services);
  return {
    ...{ project, services: names, policyOf: () => 'diverged', home: 'home' },
    ...{ renewVolumes: false, removeOrphans: false, allResources: false },
    images: new Map(names.map((name) => [name, { id: 'sha256:1', volumes: [] }])),
    ...rest,
  };
}

export function ids(steps: readonly Step[]): readonly string[] {
  return steps.map(({ id }) => id);
}

/** Each step with everything that is done before it, directly or not. */
export function isBefore(steps: readonly Step[], first: string, second: string): boolean {
  const step = steps.find(({ id }) => id === second);
  return step?.after.some((id) => id === first || isBefore(steps, first, id)) ?? false;
}
