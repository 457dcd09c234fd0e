import type { HostConfig } from '../../api/client/types.js';
import type { DeviceRequest, Resource } from '../model/deploy.js';
import type { Service, ThrottleDevice } from '../model/service.js';

/** Limits of CPU, memory, devices and processes: what `deploy` says wins over the attributes of old. */
export function resources(service: Service): HostConfig {
  const limits = service.deploy?.resources.limits;
  const reservations = service.deploy?.resources.reservations;
  return {
    ...cpuLimits(service, limits),
    ...memoryLimits(service, limits, reservations),
    ...blockLimits(service),
    ...given('PidsLimit', limits?.pids || service.pidsLimit),
    ...given('CgroupParent', service.cgroupParent),
    ...given('DeviceCgroupRules', nonEmpty(service.deviceCgroupRules)),
    ...given('Devices', nonEmpty(devices(service))),
    ...given('DeviceRequests', nonEmpty(deviceRequests(service, reservations))),
    ...given('Ulimits', nonEmpty(ulimits(service))),
  };
}

/** The field, or nothing where there is no value: the engine keeps its own then. */
export function given<K extends string, V>(name: K, value: V | undefined): { readonly [P in K]?: V } {
  // A computed key widens to string.
  return (value === undefined || value === 0 || value === '' ? {} : { [name]: value }) as { [P in K]?: V };
}

export function nonEmpty<T>(list: readonly T[]): readonly T[] | undefined {
  return list.length > 0 ? list : undefined;
}

function cpuLimits(service: Service, limits: Resource | undefined): HostConfig {
  const cpus = limits?.cpus || service.cpus;
  return {
    ...given('NanoCpus', cpus === undefined ? undefined : Math.round(cpus * 1e9)),
    ...given('CpuCount', service.cpuCount),
    ...given('CpuPercent', service.cpuPercent === undefined ? undefined : service.cpuPercent * 100),
    ...given('CpuPeriod', service.cpuPeriod),
    ...given('CpuQuota', service.cpuQuota),
    ...given('CpuRealtimePeriod', service.cpuRtPeriod),
    ...given('CpuRealtimeRuntime', service.cpuRtRuntime),
    ...given('CpuShares', service.cpuShares),
    ...given('CpusetCpus', service.cpuset),
  };
}

function memoryLimits(
  service: Service,
  limits: Resource | undefined,
  reservations: Resource | undefined,
): HostConfig {
  return {
    ...given('Memory', limits?.memory || service.memLimit),
    ...given('MemoryReservation', reservations?.memory || service.memReservation),
    ...given('MemorySwap', service.memswapLimit),
    ...given('MemorySwappiness', service.memSwappiness),
    OomKillDisable: service.oomKillDisable,
  };
}

function blockLimits({ blkioConfig: it }: Service): HostConfig {
  if (!it) return {};
  const throttles = (list: readonly ThrottleDevice[]) =>
    nonEmpty(list.map(({ path, rate }) => ({ Path: path, Rate: rate })));
  return {
    ...given('BlkioWeight', it.weight),
    ...given(
      'BlkioWeightDevice',
      nonEmpty(it.weightDevice.map(({ path, weight }) => ({ Path: path, Weight: weight }))),
    ),
    ...given('BlkioDeviceReadBps', throttles(it.deviceReadBps)),
    ...given('BlkioDeviceReadIOps', throttles(it.deviceReadIops)),
    ...given('BlkioDeviceWriteBps', throttles(it.deviceWriteBps)),
    ...given('BlkioDeviceWriteIOps', throttles(it.deviceWriteIops)),
  };
}

function devices(service: Service) {
  return service.devices.filter(isPlainDevice).map(({ source, target, permissions }) => ({
    PathOnHost: source,
    PathInContainer: target ?? source,
    CgroupPermissions: permissions ?? 'rwm',
  }));
}

/** Others are names of the Container Device Interface: "vendor.com/class=device". */
function isPlainDevice({ source }: { readonly source: string }): boolean {
  return !/^[^/]+\/[^/=]+=.+$/.test(source);
}

function deviceRequests(service: Service, reservations: Resource | undefined) {
  const cdi = service.devices.filter((device) => !isPlainDevice(device)).map(({ source }) => source);
  return [
    ...(cdi.length > 0 ? [{ Driver: 'cdi', Count: 0, DeviceIDs: cdi }] : []),
    ...service.gpus.map((request) => deviceRequest(request, ['gpu'])),
    ...(reservations?.devices ?? []).map((request) => deviceRequest(request, [])),
  ];
}

function deviceRequest(request: DeviceRequest, also: readonly string[]) {
  return {
    Driver: request.driver ?? '',
    Count: request.count ?? 0,
    DeviceIDs: request.deviceIds,
    Capabilities: [[...request.capabilities, ...also]],
    Options: request.options,
  };
}

function ulimits(service: Service) {
  return Object.entries(service.ulimits).map(([Name, { single = 0, soft, hard }]) => ({
    Name,
    Soft: soft || single,
    Hard: hard || single,
  }));
}
