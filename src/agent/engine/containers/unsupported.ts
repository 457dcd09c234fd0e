import type { ContainerConfig, CreateRequest, HostConfig } from '../../../api/container-config.js';
import { invalidOption, unsupportedOption } from '../errors.js';

/** Throws OPTION_UNSUPPORTED naming the first option that this engine lacks and that is not at its default. */
export function refuseUnsupported(request: CreateRequest): void {
  const { HostConfig: host = {} } = request;
  for (const [option, isSet] of hostOptions) if (isSet(host)) throw unsupportedOption(option);
  for (const [option, isSet] of configOptions) if (isSet(request)) throw unsupportedOption(option);
  if (host.DeviceRequests?.length) {
    throw invalidOption('could not select device driver "" with capabilities: [[gpu]]');
  }
}

const hostOptions: readonly (readonly [string, (host: HostConfig) => boolean])[] = [
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
];
