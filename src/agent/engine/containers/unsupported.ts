import type { CreateRequest, HostConfig } from '../../../api/container-config.js';
import { invalidOption, unsupportedOption } from '../errors.js';

/** Throws OPTION_UNSUPPORTED naming the first option that this engine lacks and that is not at its default. */
export function refuseUnsupported(request: CreateRequest): void {
  const { HostConfig: host = {} } = request;
  for (const [option, isSet] of hostOptions) if (isSet(host)) throw unsupportedOption(option);
  const [device] = host.DeviceRequests ?? [];
  if (device) {
    const capabilities = (device.Capabilities ?? []).map((all) => `[${all.join(' ')}]`).join(' ');
    const driver = JSON.stringify(device.Driver ?? '');
    throw invalidOption(`could not select device driver ${driver} with capabilities: [${capabilities}]`);
  }
}

const hostOptions: readonly (readonly [string, (host: HostConfig) => boolean])[] = [
  ['Isolation', (host) => !['', 'default'].includes(host.Isolation ?? '')],
  ['Cgroup', (host) => Boolean(host.Cgroup)],
  ['CpuCount', (host) => Boolean(host.CpuCount)],
  ['CpuPercent', (host) => Boolean(host.CpuPercent)],
];
