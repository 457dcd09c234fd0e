import type { ContainerCreateRequest, HostConfig } from '../../api/client/types.js';
import type { TerminalSize } from '../../shared/terminal-size.js';
import { parseDetachKeys } from './detach-keys.js';
import { readEnvironment } from './environment.js';
import { argumentMissing } from './errors.js';
import { parseDnsServer, parseExtraHost, parseLabels, parseTmpfs } from './key-values.js';
import { parseUlimit } from './limits.js';
import { parseMount } from './mount-spec.js';
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
}

/** Flags, image and command as what `POST /containers/create` takes. Throws FLAG_INVALID, ARGUMENT_MISSING. */
export async function runRequest(
  flags: RunFlags,
  words: readonly string[],
  around: Surroundings,
): Promise<RunRequest> {
  const [image, ...command] = words;
  if (image === undefined) throw argumentMissing('the image', 'run [FLAGS] IMAGE [COMMAND] [ARG…]');
  const detach = flags.detach ?? false;
  return {
    body: await createBody(flags, image, command, around),
    name: flags.name,
    platform: flags.platform,
    pull: flags.pull ?? 'missing',
    quiet: flags.quiet ?? false,
    detach,
    sigProxy: flags['sig-proxy'] ?? true,
    detachKeys: parseDetachKeys(flags['detach-keys']),
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
    Labels: parseLabels(flags.label ?? []),
    ExposedPorts: ports.exposed,
    Volumes: volumes.anonymous,
    HostConfig: hostConfig(flags, ports, volumes.binds, around),
  };
}

function streams(
  flags: RunFlags,
): Pick<
  ContainerCreateRequest,
  'Tty' | 'OpenStdin' | 'StdinOnce' | 'AttachStdin' | 'AttachStdout' | 'AttachStderr'
> {
  const isAttached = flags.detach !== true;
  const attachesStdin = isAttached && flags.interactive === true;
  return {
    Tty: flags.tty ?? false,
    OpenStdin: flags.interactive ?? false,
    StdinOnce: attachesStdin,
    AttachStdin: attachesStdin,
    AttachStdout: isAttached,
    AttachStderr: isAttached,
  };
}

function hostConfig(
  flags: RunFlags,
  ports: PublishedPorts,
  binds: readonly string[],
  { directory, terminal }: Surroundings,
): HostConfig {
  const bandwidth = flags['network-bandwidth'];
  return {
    Binds: binds,
    ...(flags.mount && { Mounts: flags.mount.map((spec) => parseMount(spec, directory)) }),
    ...(flags.tmpfs && { Tmpfs: parseTmpfs(flags.tmpfs) }),
    PortBindings: ports.bindings,
    PublishAllPorts: flags['publish-all'] ?? false,
    NetworkMode: flags.network ?? 'default',
    ...(bandwidth !== undefined && { Annotations: { 'tsmachine.network.bandwidth': bandwidth } }),
    ...(flags['add-host'] && { ExtraHosts: flags['add-host'].map(parseExtraHost) }),
    ...(flags.dns && { Dns: flags.dns.map(parseDnsServer) }),
    AutoRemove: flags.rm ?? false,
    ...security(flags),
    ...resourceLimits(flags),
    ...(flags.ulimit && { Ulimits: flags.ulimit.map(parseUlimit) }),
    ...(flags.init && { Init: true }),
    ...(flags.tty && terminal && { ConsoleSize: [terminal.rows, terminal.columns] as const }),
  };
}

function security(flags: RunFlags): HostConfig {
  return {
    ReadonlyRootfs: flags['read-only'] ?? false,
    Privileged: flags.privileged ?? false,
    ...(flags['cap-add'] && { CapAdd: flags['cap-add'] }),
    ...(flags['cap-drop'] && { CapDrop: flags['cap-drop'] }),
  };
}
