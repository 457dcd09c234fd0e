import type { NetworkResource } from '../../api/network.js';
import { label } from '../labels.js';
import type { Network, Project, Volume } from '../model/project.js';
import type { Service } from '../model/service.js';
import type { ObservedResources } from '../state/observe.js';
import { externalNetworkMissing, externalVolumeMissing, networkOfOther } from './errors.js';
import type { Step } from './step.js';

export interface ResourcePlan {
  readonly steps: readonly Step[];
  readonly warnings: readonly string[];
  /** Of the networks that are there already: key → ID. */
  readonly networkIds: ReadonlyMap<string, string>;
}

/** Keys of networks and volumes. */
export interface Needs {
  readonly networks: readonly string[];
  readonly volumes: readonly string[];
}

/** What is needed on one machine and is not there yet. Throws EXTERNAL_NETWORK_MISSING and the like. */
export function planResources(
  project: Project,
  needs: Needs,
  machine: string,
  found: ObservedResources,
): ResourcePlan {
  const steps: Step[] = [];
  const warnings: string[] = [];
  const networkIds = new Map<string, string>();
  for (const key of needs.networks) {
    const network = project.networks[key];
    if (!network) continue;
    const id = existingNetwork(project, key, network, found, { machine, warnings });
    if (id !== undefined) networkIds.set(key, id);
    else steps.push(creation('network', machine, key, network.name));
  }
  for (const key of needs.volumes) {
    const volume = project.volumes[key];
    if (volume && !hasVolume(project, volume, found, { machine, warnings })) {
      steps.push(creation('volume', machine, key, volume.name));
    }
  }
  return { steps, warnings, networkIds };
}

export function neededBy(services: readonly Service[]): Needs {
  const mounts = services.flatMap(({ volumes }) => volumes);
  const volumes = mounts.flatMap(({ type, source }) =>
    type === 'volume' && source !== undefined ? [source] : [],
  );
  const networks = services.flatMap((service) => Object.keys(service.networks));
  return { networks: [...new Set(networks)], volumes: [...new Set(volumes)] };
}

/** Also what no service uses. */
export function everything(project: Project): Needs {
  return { networks: Object.keys(project.networks), volumes: Object.keys(project.volumes) };
}

function creation(kind: 'network' | 'volume', machine: string, key: string, name: string): Step {
  const action = { kind: `create-${kind}`, machine, key, name } as const;
  return { id: `${kind}:${machine}/${name}`, after: [], action };
}

interface Surroundings {
  readonly machine: string;
  readonly warnings: string[];
}

function existingNetwork(
  project: Project,
  key: string,
  network: Network,
  { networks }: ObservedResources,
  { machine, warnings }: Surroundings,
): string | undefined {
  const { name } = network;
  const named = networks.find((each) => each.Name === name);
  if (network.external) {
    const id = (named ?? networks.find(({ Id }) => Id === name))?.Id;
    if (id === undefined) throw externalNetworkMissing(name, machine);
    return id;
  }
  if (!named) return undefined;
  const owner = labelOf(named, label.project);
  const hint = 'Set `external: true` to use an existing network';
  if (owner === undefined) {
    warnings.push(`a network with name ${name} exists but was not created by compose.\n${hint}`);
  } else if (owner !== project.name) {
    warnings.push(
      `a network with name ${name} exists but was not created for project "${project.name}".\n${hint}`,
    );
  }
  const written = labelOf(named, label.network) ?? '';
  if (written !== key) throw networkOfOther(name, written, key);
  return named.Id;
}

function labelOf({ Labels }: NetworkResource, name: string): string | undefined {
  return Labels?.[name];
}

function hasVolume(
  project: Project,
  volume: Volume,
  { volumes }: ObservedResources,
  { machine, warnings }: Surroundings,
): boolean {
  const { name } = volume;
  const found = volumes.find(({ Name }) => Name === name);
  if (volume.external) {
    if (!found) throw externalVolumeMissing(name, machine);
    return true;
  }
  if (!found) return false;
  const owner = found.Labels?.[label.project];
  if (owner === undefined) {
    warnings.push(
      `volume "${name}" already exists but was not created by Docker Compose. Use \`external: true\` to use an existing volume`,
    );
  } else if (owner !== project.name) {
    warnings.push(
      `volume "${name}" already exists but was created for project "${owner}" (expected "${project.name}"). Use \`external: true\` to use an existing volume`,
    );
  }
  return true;
}
