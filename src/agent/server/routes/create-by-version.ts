import type { CreateRequest, HostConfig, MountRequest } from '../../../api/container-config.js';
import { type ApiVersion, compareVersions } from '../../../api/version.js';
import { invalidParameter } from '../errors.js';

/**
 * The request as an engine of that version would have read it: what came later is left out where clients of the time
 * could not mean it, refused where leaving it out would do harm, and defaults that have changed are those of the time.
 * Throws PARAMETER_INVALID in moby's words.
 */
export function createByVersion(request: CreateRequest, version: ApiVersion): CreateRequest {
  const before = (other: ApiVersion) => compareVersions(version, other) < 0;
  const { Healthcheck, Memory, MemorySwap, CpuShares, Cpuset, VolumeDriver, ...rest } = request;
  const outer = { Memory, MemorySwap, CpuShares, CpusetCpus: Cpuset, VolumeDriver };
  const { HostConfig: inner = {}, ...config } = rest;
  const endpoints = Object.keys(request.NetworkingConfig?.EndpointsConfig ?? {});
  if (before('1.44') && endpoints.length > 1) {
    throw invalidParameter(
      `Container cannot be created with multiple network endpoints: ${endpoints.join(', ')}`,
    );
  }
  return {
    ...(before('1.44') ? withoutEndpointAddresses(config) : config),
    ...(Healthcheck && { Healthcheck: before('1.44') ? { ...Healthcheck, StartInterval: 0 } : Healthcheck }),
    HostConfig: hostConfigBy(withOuter(inner, outer), before),
  };
}

/** Those that the HostConfig itself leaves at zero. */
function withOuter(
  inner: HostConfig,
  outer: { readonly [K in keyof HostConfig]: HostConfig[K] | undefined },
): HostConfig {
  const given = Object.entries(outer).filter(([name, value]) => value && !inner[name as keyof HostConfig]); // its own keys
  return { ...inner, ...Object.fromEntries(given) };
}

type Before = (other: ApiVersion) => boolean;

function hostConfigBy(host: HostConfig, before: Before): HostConfig {
  const { KernelMemory, KernelMemoryTCP, PidsLimit, ...rest } = host;
  return {
    ...rest,
    ...(host.Mounts && { Mounts: host.Mounts.map((mount) => mountBy(mount, before)) }),
    ...(PidsLimit !== undefined && PidsLimit > 0 && { PidsLimit }),
    ...(before('1.42') && KernelMemory && { KernelMemory }),
    ...(!before('1.40') && KernelMemoryTCP && { KernelMemoryTCP }),
    ...(before('1.25') && { AutoRemove: false }),
    ...(before('1.40') && !host.IpcMode && { IpcMode: 'shareable' }),
    ...(before('1.42') && { ConsoleSize: [0, 0] }),
    ...(before('1.43') && { Annotations: {} }),
  };
}

/** Until 1.43 they were not read; the container's own address was for its network. */
function withoutEndpointAddresses<T extends Pick<CreateRequest, 'NetworkingConfig'>>(config: T): T {
  const endpoints = Object.entries(config.NetworkingConfig?.EndpointsConfig ?? {});
  if (endpoints.length === 0) return config;
  const EndpointsConfig = Object.fromEntries(
    endpoints.map(([name, { MacAddress: _, ...endpoint }]) => [name, endpoint]),
  );
  return { ...config, NetworkingConfig: { EndpointsConfig } };
}

function mountBy(mount: MountRequest, before: Before): MountRequest {
  if (before('1.44') && mount.BindOptions?.ReadOnlyForceRecursive) {
    throw invalidParameter('BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer');
  }
  if (before('1.45') && mount.VolumeOptions?.Subpath) {
    throw invalidParameter('VolumeOptions.Subpath needs API v1.45 or newer');
  }
  const fitting = before('1.42') ? withoutForeignOptions(mount) : checkedOptions(mount);
  if (!fitting.BindOptions) return asReadOnlyBy(fitting, before);
  const { NonRecursive, CreateMountpoint, ...rest } = fitting.BindOptions;
  const BindOptions = {
    ...rest,
    ...(!before('1.40') && NonRecursive && { NonRecursive }),
    ...(!before('1.42') && CreateMountpoint && { CreateMountpoint }),
  };
  return asReadOnlyBy({ ...fitting, BindOptions }, before);
}

/** Until 1.43 only the mount itself was read-only, not what is mounted below it. */
function asReadOnlyBy(mount: MountRequest, before: Before): MountRequest {
  if (!before('1.44') || mount.Type !== 'bind' || !mount.ReadOnly) return mount;
  return { ...mount, BindOptions: { ...mount.BindOptions, ReadOnlyNonRecursive: true } };
}

const owners = { BindOptions: 'bind', VolumeOptions: 'volume', TmpfsOptions: 'tmpfs' } as const;
type OptionsName = keyof typeof owners;

function foreignOptions(mount: MountRequest): readonly OptionsName[] {
  const names = Object.keys(owners) as OptionsName[]; // of the constant above
  return names.filter((name) => mount[name] !== undefined && mount.Type !== owners[name]);
}

/** Nobody looked at them until 1.41, except at those of a bind. */
function withoutForeignOptions(mount: MountRequest): MountRequest {
  const foreign = new Set<string>(foreignOptions(mount).filter((name) => name !== 'BindOptions'));
  return Object.fromEntries(Object.entries(mount).filter(([name]) => !foreign.has(name)));
}

function checkedOptions(mount: MountRequest): MountRequest {
  const [foreign] = foreignOptions(mount);
  if (!foreign) return mount;
  throw invalidParameter(
    `${foreign} must not be specified on mount type ${JSON.stringify(mount.Type ?? '')}`,
  );
}
