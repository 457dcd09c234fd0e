import type { ContainerCreateRequest, HostConfig } from '../../api/client/types.js';
import type { TerminalSize } from '../../shared/terminal-size.js';
import { readEnvironment, readLabelFiles } from './environment.js';
import { argumentMissing, conflictingOptions, flagInvalid } from './errors.js';
import { healthCheck } from './health-check.js';
import { isolationConfig } from './isolation-config.js';
import { parseDnsServer, parseExtraHost, parseKeyValues, parseLabels, parseTmpfs } from './key-values.js';
import { parseInteger, parseUlimit } from './limits.js';
import { parseMount } from './mount-spec.js';
import { type NetworkOptions, networkOptions } from './network-options.js';
import { type PublishedPorts, parsePublishedPorts } from './port-spec.js';
import { resourceLimits } from './resource-limits.js';
import type { RunRequest } from './run-container.js';
import type { RunFlags } from './run-flags.js';
import { parseVolumes } from './volume-spec.js';

/** Where the command line was written. */
export interface Surroundings {
  readonly environment: NodeJS.ProcessEnv;
  readonly directory: string;
  readonly terminal: TerminalSize | undefined;
  readonly detachKeys: Buffer;
}

/** Flags, image and command as what `POST /containers/create` takes. Throws FLAG_INVALID, ARGUMENT_MISSING. */
export async function runRequest(
  flags: RunFlags,
  words: readonly string[],
  around: Surroundings,
): Promise<RunRequest> {
  const [image, ...command] = words;
  if (image === undefined) throw argumentMissing('the image', 'run [FLAGS] IMAGE [COMMAND] [ARG…]');
  refuseConflicts(flags);
  const detach = flags.detach ?? false;
  return {
    body: await createBody(flags, image, command, around),
    name: flags.name,
    idFile: flags.cidfile,
    platform: flags.platform,
    pull: flags.pull ?? 'missing',
    quiet: flags.quiet ?? false,
    detach,
    sigProxy: flags['sig-proxy'] ?? true,
    detachKeys: around.detachKeys,
  };
}

async function createBody(
  flags: RunFlags,
  image: string,
  command: readonly string[],
  around: Surroundings,
): Promise<ContainerCreateRequest> {
  const ports = parsePublishedPorts(flags.publish ?? [], flags.expose ?? []);
  const volumes = parseVolumes(flags.volume ?? [], around.directory);
  const networks = networkOptions(flags);
  const health = healthCheck(flags);
  const stopTimeout = flags['stop-timeout'];
  const { entrypoint } = flags;
  return {
    Image: image,
    ...(command.length > 0 && { Cmd: command }),
    // An empty text resets the image's entry point; the API says so with one empty word.
    ...(entrypoint !== undefined && { Entrypoint: [entrypoint] }),
    Env: await readEnvironment(flags['env-file'] ?? [], flags.env ?? [], around.environment),
    ...streams(flags),
    ...(flags.hostname !== undefined && { Hostname: flags.hostname }),
    ...(flags.user !== undefined && { User: flags.user }),
    ...(flags.workdir !== undefined && { WorkingDir: flags.workdir }),
    ...(flags['stop-signal'] !== undefined && { StopSignal: flags['stop-signal'] }),
    ...(stopTimeout !== undefined && { StopTimeout: parseInteger('--stop-timeout', stopTimeout) }),
    ...(flags.domainname !== undefined && { Domainname: flags.domainname }),
    ...(health && { Healthcheck: health }),
    Labels: parseLabels([...(await readLabelFiles(flags['label-file'] ?? [])), ...(flags.label ?? [])]),
    ExposedPorts: ports.exposed,
    Volumes: volumes.anonymous,
    HostConfig: {
      ...hostConfig(flags, ports, networks, around),
      ...(await isolationConfig(flags)),
      Binds: volumes.binds,
    },
    ...(Object.keys(networks.endpoints).length > 0 && {
      NetworkingConfig: { EndpointsConfig: networks.endpoints },
    }),
  };
}

function streams(
  flags: RunFlags,
): Pick<
  ContainerCreateRequest,
  'Tty' | 'OpenStdin' | 'StdinOnce' | 'AttachStdin' | 'AttachStdout' | 'AttachStderr'
> {
  const isAttached = flags.detach !== true;
  const chosen = flags.attach?.map(streamName);
  const attaches = (name: StreamName) => isAttached && (chosen?.includes(name) ?? name !== 'stdin');
  const attachesStdin = attaches('stdin') || (isAttached && !chosen && flags.interactive === true);
  return {
    Tty: flags.tty ?? false,
    OpenStdin: flags.interactive ?? false,
    StdinOnce: attachesStdin,
    AttachStdin: attachesStdin,
    AttachStdout: attaches('stdout'),
    AttachStderr: attaches('stderr'),
  };
}

/** The user's, and what the agent offers beyond Docker. */
function annotationsOf(flags: RunFlags): Readonly<Record<string, string>> {
  const bandwidth = flags['network-bandwidth'];
  return {
    ...(flags.annotation && parseKeyValues('--annotation', flags.annotation)),
    ...(bandwidth !== undefined && { 'tsmachine.network.bandwidth': bandwidth }),
    ...(flags['own-view'] && { 'tsmachine.proc.view': 'own' }),
  };
}

function hostConfig(
  flags: RunFlags,
  ports: PublishedPorts,
  networks: NetworkOptions,
  { directory, terminal }: Surroundings,
): HostConfig {
  const annotations = annotationsOf(flags);
  return {
    ...(flags.mount && { Mounts: flags.mount.map((spec) => parseMount(spec, directory)) }),
    ...(flags.tmpfs && { Tmpfs: parseTmpfs(flags.tmpfs) }),
    PortBindings: ports.bindings,
    PublishAllPorts: flags['publish-all'] ?? false,
    NetworkMode: networks.mode,
    ...(networks.links && { Links: networks.links }),
    ...(Object.keys(annotations).length > 0 && { Annotations: annotations }),
    ...(flags['add-host'] && { ExtraHosts: flags['add-host'].map(parseExtraHost) }),
    ...(flags.dns && { Dns: flags.dns.map(parseDnsServer) }),
    ...(flags['dns-search'] && { DnsSearch: flags['dns-search'] }),
    ...(flags['dns-option'] && { DnsOptions: flags['dns-option'] }),
    ...(flags['volumes-from'] && { VolumesFrom: flags['volumes-from'] }),
    ...(flags['volume-driver'] !== undefined && { VolumeDriver: flags['volume-driver'] }),
    ...logConfig(flags),
    AutoRemove: flags.rm ?? false,
    ReadonlyRootfs: flags['read-only'] ?? false,
    ...resourceLimits(flags),
    ...(flags.ulimit && { Ulimits: flags.ulimit.map(parseUlimit) }),
    ...(flags.init && { Init: true }),
    ...(flags.tty && terminal && { ConsoleSize: [terminal.rows, terminal.columns] as const }),
  };
}

function logConfig(flags: RunFlags): HostConfig {
  const [driver, options] = [flags['log-driver'], flags['log-opt']];
  if (driver === undefined && !options) return {};
  return {
    LogConfig: {
      Type: driver ?? '',
      ...(options && { Config: parseKeyValues('--log-opt', options) }),
    },
  };
}

/** In docker's words. */
function refuseConflicts(flags: RunFlags): void {
  if (flags.attach && flags.detach)
    throw conflictingOptions('conflicting options: cannot specify both --attach and --detach');
  const restarts = flags.restart !== undefined && !['', 'no'].includes(flags.restart);
  if (flags.rm && restarts)
    throw conflictingOptions('conflicting options: cannot specify both --restart and --rm');
}

const streamNames = ['stdin', 'stdout', 'stderr'] as const;
type StreamName = (typeof streamNames)[number];

function streamName(flag: string): StreamName {
  const found = streamNames.find((name) => name === flag.toLowerCase());
  if (!found) throw flagInvalid('--attach', flag, 'valid streams are STDIN, STDOUT and STDERR');
  return found;
}
