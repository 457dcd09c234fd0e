import { posix } from 'node:path';
import type { CreateResponse } from '../../../api/container.js';
import type { ContainerConfig, CreateRequest, HostConfig } from '../../../api/container-config.js';
import { randomId } from '../../../shared/identifiers.js';
import { formatNanoTime, nowNanos } from '../../../shared/nanotime.js';
import { UndoStack } from '../../../shared/undo-stack.js';
import { platformMismatch } from '../../image/errors.js';
import type { Image } from '../../image/image-store.js';
import { emptyConfig, invalidContainerName, invalidOption, noCommand } from '../errors.js';
import { validateBandwidth } from './bandwidth.js';
import { blockIoOf } from './block-io.js';
import { Container } from './container.js';
import { type ContainerContext, publish } from './context.js';
import { deviceRulesOf } from './devices.js';
import { validateHealthcheck } from './health/healthcheck.js';
import { validateForHost, validateHostConfig, withDefaults } from './host-config.js';
import { hostWarnings } from './host-warnings.js';
import { withJoinedIds } from './joined-container.js';
import { linksAtCreate } from './links.js';
import { withLogDefaults } from './log-config.js';
import { inheritedMounts, makeMounts, volumesToBe, withVolumeNames } from './make-mounts.js';
import { mergeConfig } from './merge-config.js';
import { mountSpecs } from './mount-specs.js';
import { generateName, isContainerName, withoutSlash } from './names.js';
import { refuseNetworkConflicts } from './network-conflicts.js';
import { defaultHostname } from './network-files.js';
import { networkMode } from './network-mode.js';
import { networksAtCreate } from './networks-at-create.js';
import { validateOwnView } from './own-view.js';
import { parsePort, portBindings } from './ports.js';
import type { ContainerMount, ContainerRecord } from './record.js';
import { parseSecurity } from './security.js';
import { signalNumber } from './signals.js';
import { createdState } from './state.js';
import { storageLimitOf } from './storage-opt.js';
import { refuseUnsupported } from './unsupported.js';
import { idMapOf, refuseUsernsConflicts } from './user-namespace.js';
import { makeWorkingDirectory } from './working-directory.js';

/** Makes a container: record, writable layer, volumes. Nothing remains when it throws. */
export async function createContainer(
  context: ContainerContext,
  name: string | undefined,
  request: CreateRequest | undefined,
  platform: string | undefined,
): Promise<CreateResponse> {
  if (!request || isEmpty(request)) throw emptyConfig();
  validate(request); // first: a bad request is told before an image that is not there
  if (!request.Image && !request.Cmd?.length && !request.Entrypoint?.length) throw noCommand();
  const image = await context.images.resolve(request.Image ?? '');
  checkPlatform(request.Image ?? '', image, platform);
  return await createOnImage(context, name, request, image);
}

/** Nothing of the container itself: moby's wrapper around it stays nil then. */
function isEmpty({ HostConfig: _h, NetworkingConfig: _n, ...config }: CreateRequest): boolean {
  return Object.keys(config).length === 0;
}

/** The same on an image that need not be registered, such as a build's. */
export async function createOnImage(
  context: ContainerContext,
  name: string | undefined,
  request: CreateRequest,
  image: Pick<Image, 'id' | 'config' | 'chainId'>,
): Promise<CreateResponse> {
  validate(request);
  validateForHost(request.HostConfig ?? {}, context.host, context.runtime.programs);
  const idMap = idMapOf(context, request.HostConfig ?? {});
  refuseUsernsConflicts(request.HostConfig ?? {}, idMap);
  const networks = networksAtCreate(context, request);
  const links = linksAtCreate(context, request.HostConfig ?? {});
  const record = {
    ...newRecord(context, request, image),
    networks,
    ...(links.length > 0 && { links }),
    ...(idMap && { idMap }),
  };

  await using undo = new UndoStack();
  const container = new Container({ ...record, name: reserveName(context, name, record.id, undo) });
  undo.push(() => context.layers.discard(record.id));
  undo.push(() => context.store.discard(container));
  const inherited = inheritedMounts(context, record.hostConfig, mountSpecs(record.hostConfig, []));
  const specs = withVolumeNames(mountSpecs(record.hostConfig, ownVolumes(record.config, inherited)));
  container.update({ mounts: volumesToBe(specs) });
  using _beginning = context.store.begin(container);
  await Promise.all([
    context.layers.prepare(record.id, image.chainId, { limit: storageLimitOf(record.hostConfig), idMap }),
    writeDown(context, container),
  ]);
  const made = await makeMounts(context, record.id, specs, undo);
  container.update({ mounts: [...made, ...inherited].sort(byDepth), removal: undefined });
  await context.store.create(container);
  if (request.WorkingDir) await makeWorkingDirectory(context, container, record.config.WorkingDir ?? '/');
  undo.commit();

  publish(context, container, 'create');
  return {
    Id: record.id,
    Warnings: [...warnings(record.hostConfig), ...hostWarnings(record.hostConfig, context.host)],
  };
}

/** The image's and the request's, but for places that other containers' mounts have. */
function ownVolumes({ Volumes }: ContainerConfig, inherited: readonly ContainerMount[]): readonly string[] {
  const taken = new Set(inherited.map(({ Destination }) => Destination));
  return Object.keys(Volumes ?? {}).filter((path) => !taken.has(posix.normalize(path)));
}

/** Nobody could tell anonymous volumes of a creation that was cut off from those that a container has left. */
async function writeDown({ store }: ContainerContext, container: Container): Promise<void> {
  if (!container.record.mounts.some(({ anonymous }) => anonymous)) return;
  container.update({ removal: { volumes: true } });
  await store.draft(container);
}

/** Parents are mounted before what is mounted in them. */
function byDepth(a: ContainerMount, b: ContainerMount): number {
  return a.Destination.split('/').length - b.Destination.split('/').length;
}

function checkPlatform(reference: string, { config }: Image, wanted: string | undefined): void {
  if (wanted === undefined) return;
  const [os, architecture] = wanted.split('/');
  if (os === config.os && (architecture === undefined || architecture === config.architecture)) return;
  throw platformMismatch(reference, wanted, `${config.os}/${config.architecture}`);
}

function validate(request: CreateRequest): void {
  const hostConfig = request.HostConfig ?? {};
  refuseUnsupported(request);
  validateHostConfig(hostConfig);
  validateHealthcheck(request.Healthcheck);
  parseSecurity(hostConfig);
  deviceRulesOf(hostConfig);
  blockIoOf(hostConfig);
  validateBandwidth(request, hostConfig);
  validateOwnView(request, hostConfig);
  storageLimitOf(hostConfig);
  portBindings(request, hostConfig);
  for (const port of Object.keys(request.ExposedPorts ?? {})) parsePort(port);
  refuseNetworkConflicts(request);
  validateEnvironment(request.Env ?? []);
  if (request.StopSignal) signalNumber(request.StopSignal);
  if (request.WorkingDir && !request.WorkingDir.startsWith('/')) {
    throw invalidOption(
      `the working directory '${request.WorkingDir}' is invalid, it needs to be an absolute path`,
    );
  }
}

function validateEnvironment(entries: readonly string[]): void {
  const nameless = entries.find((entry) => entry === '' || entry.startsWith('='));
  if (nameless !== undefined) throw invalidOption(`invalid environment variable: ${nameless}`);
}

function newRecord(
  context: ContainerContext,
  request: CreateRequest,
  image: Pick<Image, 'id' | 'config'>,
): ContainerRecord {
  const id = randomId();
  const { HostConfig: given = {}, NetworkingConfig: _, ...config } = request;
  const hostConfig = {
    ...withDefaults(withJoinedIds(context, given), context.host, context.runtime.name),
    LogConfig: withLogDefaults(given.LogConfig, context.logDefaults),
  };
  const merged = mergeConfig(config, image.config.config ?? {});
  return {
    schemaVersion: 1,
    id,
    name: '',
    created: formatNanoTime(nowNanos()),
    imageId: image.id,
    config: { ...merged, Hostname: hostnameOf(merged, hostConfig, id) },
    hostConfig,
    mounts: [],
    state: createdState,
    restartCount: 0,
    manuallyStopped: false,
  };
}

function hostnameOf(config: ContainerConfig, hostConfig: HostConfig, id: string): string {
  const mode = networkMode(hostConfig);
  return config.Hostname || defaultHostname(id, mode.type);
}

function reserveName(
  { store }: ContainerContext,
  asked: string | undefined,
  id: string,
  undo: UndoStack,
): string {
  if (asked !== undefined && !isContainerName(asked)) throw invalidContainerName(asked);
  const name = asked === undefined ? generateName((each) => store.isNameTaken(each)) : withoutSlash(asked);
  store.reserveName(name, id);
  undo.push(() => store.releaseName(name));
  return name;
}

function warnings(hostConfig: HostConfig): readonly string[] {
  const mode = networkMode(hostConfig);
  const unpublished = mode.type === 'host' && Object.keys(hostConfig.PortBindings ?? {}).length > 0;
  return unpublished ? ['Published ports are discarded when using host network mode'] : [];
}
