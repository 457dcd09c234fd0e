import type { ContainerConfig, CreateRequest, HostConfig } from '../../../api/container-config.js';
import { invalidOption, unsupportedOption } from '../errors.js';

/** Throws OPTION_UNSUPPORTED naming the first option that this engine lacks and that is not at its default. */
export function refuseUnsupported(request: CreateRequest): void {
  const { HostConfig: host = {}, NetworkingConfig } = request;
  for (const [option, isSet] of hostOptions) if (isSet(host)) throw unsupportedOption(option);
  for (const [option, isSet] of configOptions) if (isSet(request)) throw unsupportedOption(option);
  for (const endpoint of Object.values(NetworkingConfig?.EndpointsConfig ?? {})) refuseEndpoint(endpoint);
  if (host.DeviceRequests?.length) {
    throw invalidOption('could not select device driver "" with capabilities: [[gpu]]');
  }
}

type Endpoint = NonNullable<NonNullable<CreateRequest['NetworkingConfig']>['EndpointsConfig']>[string];

function refuseEndpoint(endpoint: Endpoint): void {
  const { IPAMConfig, Links, Aliases, MacAddress, DriverOpts } = endpoint;
  if (IPAMConfig?.IPv4Address || IPAMConfig?.IPv6Address) {
    throw invalidOption('user specified IP address is supported on user defined networks only');
  }
  if (Aliases?.length) {
    throw invalidOption('network-scoped alias is supported only for containers in user defined networks');
  }
  if (Links?.length) throw unsupportedOption('Links');
  if (MacAddress) throw unsupportedOption('MacAddress');
  if (DriverOpts && Object.keys(DriverOpts).length > 0) throw unsupportedOption('DriverOpts');
}

const filled = (value: object | undefined): boolean => value !== undefined && Object.keys(value).length > 0;

const hostOptions: readonly (readonly [string, (host: HostConfig) => boolean])[] = [
  ['Links', (host) => filled(host.Links)],
  ['UsernsMode', (host) => !['', 'host'].includes(host.UsernsMode ?? '')],
  ['Isolation', (host) => !['', 'default'].includes(host.Isolation ?? '')],
  ['Cgroup', (host) => Boolean(host.Cgroup)],
  ['KernelMemory', (host) => Boolean(host.KernelMemory)],
  ['KernelMemoryTCP', (host) => Boolean(host.KernelMemoryTCP)],
  ['CpuCount', (host) => Boolean(host.CpuCount)],
  ['CpuPercent', (host) => Boolean(host.CpuPercent)],
  ['IOMaximumIOps', (host) => Boolean(host.IOMaximumIOps)],
  ['IOMaximumBandwidth', (host) => Boolean(host.IOMaximumBandwidth)],
];

const configOptions: readonly (readonly [string, (config: ContainerConfig) => boolean])[] = [
  ['NetworkDisabled', (config) => Boolean(config.NetworkDisabled)],
  ['MacAddress', (config) => Boolean(config.MacAddress)],
];
