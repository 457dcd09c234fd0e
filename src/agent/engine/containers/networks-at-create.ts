import type { CreateRequest, EndpointConfig } from '../../../api/container-config.js';
import type { NetworkInfo } from '../../network/network.js';
import { invalidOption } from '../errors.js';
import { checkEndpoint } from '../networks/check-endpoint.js';
import type { ContainerContext } from './context.js';
import { type NetworkMode, networkMode } from './network-mode.js';

/**
 * The networks of a container that is made: its NetworkMode's and those of NetworkingConfig. One that is not there
 * is an error at the start only, as with dockerd. Throws OPTION_INVALID.
 */
export function networksAtCreate(
  { networks }: Pick<ContainerContext, 'networks'>,
  { HostConfig = {}, NetworkingConfig, MacAddress }: CreateRequest,
): Readonly<Record<string, EndpointConfig>> {
  const mode = networkMode(HostConfig);
  const find = (name: string) => networks.byName(name) ?? networks.byId(name);
  const given = Object.entries(NetworkingConfig?.EndpointsConfig ?? {});
  refuseConflicts(mode, given, MacAddress);
  if (mode.type === 'container') return {};
  const own = mode.type === 'user' ? (find(mode.name)?.name ?? mode.name) : mode.type;
  const byName = given.map(([name, config]) => [canonicalName(name, find), config] as const);
  const all: Record<string, EndpointConfig> = { [own]: {} };
  for (const [name, config] of byName) all[name] = config;
  if (MacAddress) all[own] = { ...all[own], MacAddress: all[own]?.MacAddress || MacAddress };
  for (const [name, config] of Object.entries(all)) checkEndpoint(config, find(name));
  return all;
}

function canonicalName(name: string, find: (name: string) => NetworkInfo | undefined): string {
  return name === 'default' || name === '' ? 'bridge' : (find(name)?.name ?? name);
}

/** moby, runconfig/errors.go. */
function refuseConflicts(
  mode: NetworkMode,
  given: readonly (readonly [string, EndpointConfig])[],
  macAddress: string | undefined,
): void {
  if (mode.type === 'bridge' || mode.type === 'user') return;
  const isOwn = (name: string) =>
    name === mode.type || (mode.type === 'container' && name.startsWith('container:'));
  if (mode.type !== 'none' && (macAddress || given.some(([, config]) => config.MacAddress))) {
    throw invalidOption('conflicting options: mac-address and the network mode');
  }
  if (given.every(([name]) => isOwn(name))) return;
  if (mode.type === 'none') {
    throw invalidOption(
      'container cannot be connected to multiple networks with one of the networks in private (none) mode',
    );
  }
  if (mode.type === 'host') {
    throw invalidOption('container cannot be disconnected from host network or connected to host network');
  }
  throw invalidOption(
    'container sharing network namespace with another container or host cannot be connected to any other network',
  );
}
