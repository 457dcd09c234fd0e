import type { ContainerCreateRequest, CreateBody, HostConfig } from '../../api/client/types.js';
import type { Port } from '../model/mounts-and-ports.js';
import type { Project } from '../model/project.js';
import type { Healthcheck, Service } from '../model/service.js';
import { imageName } from '../naming.js';
import { type ContainerIdentity, containerLabels } from './container-labels.js';
import { type Endpoint, endpoints } from './endpoints.js';
import { type InheritedVolume, mounts } from './mounts.js';
import { given, nonEmpty, resources } from './resources.js';
import { restartPolicy } from './restart-policy.js';

export interface ContainerOptions extends ContainerIdentity {
  /** "CONTAINER:ALIAS", of the containers that are there now. */
  readonly links: readonly string[];
  readonly inherited: readonly InheritedVolume[];
  readonly useAliases: boolean;
  /** For one-off containers that are attached to. */
  readonly attachStdin: boolean;
  readonly autoRemove: boolean;
}

export interface ContainerRequest {
  readonly body: ContainerCreateRequest;
  /** The networks that the container joins after it was created. */
  readonly furtherNetworks: readonly Endpoint[];
}

/** A service as what `POST /containers/create` takes; its references to other services are resolved already. */
export function containerRequest(
  project: Project,
  service: Service,
  options: ContainerOptions,
): ContainerRequest {
  const [first, ...furtherNetworks] = endpoints(project, service, options);
  const body: ContainerCreateRequest = {
    ...config(project, service),
    AttachStdin: options.attachStdin,
    StdinOnce: options.attachStdin && service.stdinOpen,
    Labels: containerLabels(project, service, options),
    HostConfig: {
      ...hostConfig(service, options),
      ...mounts(project, service, options.inherited),
      NetworkMode: service.networkMode ?? first?.network ?? 'none',
      ...(options.links.length > 0 && { Links: options.links }),
    },
    ...(first && { NetworkingConfig: { EndpointsConfig: { [first.network]: first.settings } } }),
  };
  return { body, furtherNetworks };
}

function config(project: Project, service: Service): CreateBody & { Image: string; Tty: boolean } & Attached {
  return {
    Image: imageName(project, service),
    Tty: service.tty,
    OpenStdin: service.stdinOpen,
    AttachStdin: false,
    AttachStdout: true,
    AttachStderr: true,
    Env: environment(service),
    ...(service.command !== null && { Cmd: service.command }),
    ...(service.entrypoint !== null && { Entrypoint: service.entrypoint }),
    ...given('Hostname', service.hostname),
    ...given('Domainname', service.domainname),
    ...given('User', service.user),
    ...given('WorkingDir', service.workingDir),
    ...given('StopSignal', service.stopSignal),
    ...given('StopTimeout', seconds(service.stopGracePeriodNs)),
    ...(service.healthcheck && { Healthcheck: healthcheck(service.healthcheck) }),
    ExposedPorts: exposedPorts(service),
  };
}

interface Attached {
  readonly AttachStdin: boolean;
  readonly AttachStdout: boolean;
  readonly AttachStderr: boolean;
}

/** A variable without a value is named alone, which takes the image's away. */
function environment(service: Service): readonly string[] {
  return Object.entries(service.environment).map(([name, value]) =>
    value === null ? name : `${name}=${value}`,
  );
}

/** Whole seconds, as the API has them; less than one is none. */
function seconds(nanoseconds: number | undefined): number | undefined {
  return nanoseconds === undefined ? undefined : Math.floor(nanoseconds / 1e9);
}

function healthcheck(it: Healthcheck): NonNullable<CreateBody['Healthcheck']> {
  return {
    ...(it.disable ? { Test: ['NONE'] } : it.test.length > 0 && { Test: it.test }),
    ...given('Interval', it.intervalNs),
    ...given('Timeout', it.timeoutNs),
    ...given('StartPeriod', it.startPeriodNs),
    ...given('StartInterval', it.startIntervalNs),
    ...given('Retries', it.retries),
  };
}

function exposedPorts(service: Service): NonNullable<CreateBody['ExposedPorts']> {
  const ports = [...service.expose, ...service.ports.map(portKey)];
  return Object.fromEntries(ports.map((port) => [port, {}]));
}

function portKey({ target, protocol }: Port): string {
  return `${target}/${protocol}`;
}

function portBindings({ ports }: Service): NonNullable<HostConfig['PortBindings']> {
  const byPort = Object.entries(Object.groupBy(ports, portKey));
  return Object.fromEntries(
    byPort.map(([key, list = []]) => [
      key,
      list.map(({ hostIp, published }) => ({ HostIp: hostIp ?? '', HostPort: published ?? '' })),
    ]),
  );
}

function hostConfig(service: Service, { autoRemove }: ContainerOptions): HostConfig {
  return {
    AutoRemove: autoRemove,
    PortBindings: portBindings(service),
    RestartPolicy: restartPolicy(service),
    Privileged: service.privileged,
    ReadonlyRootfs: service.readOnly,
    ...resources(service),
    ...given('CapAdd', nonEmpty(service.capAdd)),
    ...given('CapDrop', nonEmpty(service.capDrop)),
    ...given('Dns', nonEmpty(service.dns)),
    ...given('DnsOptions', nonEmpty(service.dnsOpt)),
    ...given('DnsSearch', nonEmpty(service.dnsSearch)),
    ExtraHosts: extraHosts(service),
    ...given('GroupAdd', nonEmpty(service.groupAdd)),
    ...given('VolumesFrom', nonEmpty(service.volumesFrom)),
    ...given('OomScoreAdj', service.oomScoreAdj),
    ...given('ShmSize', service.shmSize),
    ...(service.init !== undefined && { Init: service.init }),
    ...(service.logging && {
      LogConfig: { Type: service.logging.driver ?? '', Config: service.logging.options },
    }),
    ...namespaces(service),
    ...security(service),
    ...records(service),
  };
}

function namespaces(service: Service): HostConfig {
  return {
    ...given('IpcMode', service.ipc),
    ...given('PidMode', service.pid),
    ...given('UTSMode', service.uts),
    ...given('UsernsMode', service.usernsMode),
    ...given('CgroupnsMode', service.cgroup),
    ...given('Isolation', service.isolation),
    ...given('Runtime', service.runtime),
    ...given('VolumeDriver', service.volumeDriver),
  };
}

/** "systempaths=unconfined" is no option of the API's: it stands for nothing being hidden. */
function security(service: Service): HostConfig {
  const options = service.securityOpt.filter((option) => option !== 'systempaths=unconfined');
  return {
    ...given('SecurityOpt', nonEmpty(options)),
    ...(options.length < service.securityOpt.length && { MaskedPaths: [], ReadonlyPaths: [] }),
  };
}

function records(service: Service): HostConfig {
  const isThere = (record: object) => Object.keys(record).length > 0;
  return {
    ...(isThere(service.annotations) && { Annotations: service.annotations }),
    ...(isThere(service.sysctls) && { Sysctls: service.sysctls }),
    ...(isThere(service.storageOpt) && { StorageOpt: service.storageOpt }),
  };
}

/** "HOST:ADDRESS". */
function extraHosts(service: Service): readonly string[] {
  return Object.entries(service.extraHosts).flatMap(([host, addresses]) =>
    addresses.map((address) => `${host}:${address}`),
  );
}
