import { mkdir, readdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeFileAtomically } from '../shared/atomic-file.js';
import { systemClock } from '../shared/clock.js';
import { errorMessage } from '../shared/errors.js';
import { randomId } from '../shared/identifiers.js';
import { KeyedMutex } from '../shared/keyed-mutex.js';
import type { Logger } from '../shared/logger.js';
import { version } from '../shared/version.js';
import { lockDataRoot } from './agent-lock.js';
import { StepCache } from './build/cache/step-cache.js';
import type { AgentConfig, TlsFiles } from './config.js';
import { BuildService } from './engine/builds/build-service.js';
import { ContainerService } from './engine/containers/container-service.js';
import { ContainerStore } from './engine/containers/container-store.js';
import type { ContainerContext } from './engine/containers/context.js';
import { type LogConfig, validateLogConfig } from './engine/containers/log-config.js';
import { LogRotation } from './engine/containers/log-rotation.js';
import { ContainerPaths } from './engine/containers/paths.js';
import { EventBus } from './engine/event-bus.js';
import { ImageService } from './engine/images/image-service.js';
import { NetworkService } from './engine/networks/network-service.js';
import { serveNames } from './engine/networks/serve-names.js';
import { recover } from './engine/recover.js';
import { goArch, SystemService } from './engine/system/system-service.js';
import { VolumeService } from './engine/volumes/volume-service.js';
import { findProgram } from './find-program.js';
import { BlobRecords } from './image/blob-records.js';
import { ContentStore } from './image/content-store.js';
import { diffIdsOf } from './image/decode-image-config.js';
import { FileImageStore } from './image/file-image-store.js';
import { OverlayLayerStore } from './layer/overlay-layer-store.js';
import { NftNetworks } from './network/nft-networks.js';
import { dockerPluginPlaces } from './plugin/plugin-directory.js';
import { Plugins } from './plugin/plugins.js';
import { RegistryCaches } from './registry/registry-cache.js';
import { RegistryDirectory } from './registry/registry-directory.js';
import { RegistryPuller } from './registry/registry-puller.js';
import { RegistryPusher } from './registry/registry-pusher.js';
import { loadAppArmorProfile } from './runtime/apparmor.js';
import { ConmonRuntime } from './runtime/conmon-runtime.js';
import { readHostFacts } from './runtime/host-facts.js';
import { RuntimeChoice } from './runtime/runtime-choice.js';
import type { HostFacts } from './runtime/spec/run-spec.js';
import {
  type Listener,
  listenOnSocket,
  listenOnTls,
  type TlsListener,
  type TlsMaterial,
} from './server/listeners.js';
import { type Backends, routeTable } from './server/route-table.js';
import { ApiServer } from './server/server.js';
import { JsonStore } from './state/json-store.js';
import { ImagePolicyFile } from './trust/image-policy-file.js';
import { hostRoot, type IdMap } from './userns/id-map.js';
import { checkPassable, resolveRemap } from './userns/remap-setting.js';
import { AllVolumes, decodePluginVolume } from './volume/all-volumes.js';
import { LocalVolumeStore } from './volume/local-volume-store.js';
import { PluginVolumes } from './volume/plugin-volumes.js';

/** A running agent. Its end is not the containers' end. */
export interface Daemon extends AsyncDisposable {
  /** Where TLS is served, if it is; the port is the one the system chose when 0 was asked. */
  readonly port: number | undefined;
  reloadCertificates(): Promise<void>;
}

/**
 * Puts the agent's parts together, recovers what an earlier one left, and serves: the agent's composition root.
 * Throws DATA_ROOT_LOCKED when another agent has the data root, CANNOT_LISTEN.
 */
export async function startDaemon(config: AgentConfig, log: Logger): Promise<Daemon> {
  await using startup = new AsyncDisposableStack();
  await Promise.all([
    mkdir(config.dataRoot, { recursive: true, mode: 0o711 }),
    mkdir(config.runRoot, { recursive: true, mode: 0o711 }),
  ]);
  startup.use(await lockDataRoot(join(config.dataRoot, 'agent.lock')));
  const backends = await assemble(config, log, startup);

  const server = new ApiServer(routeTable(backends), log);
  const tls = await listen(config, server, startup);
  startup.defer(() => server.closeHijacked());
  for (const each of tls.listeners) log.info('serving', { address: each.address, version });
  const resources = startup.move();
  return {
    port: tls.secure?.port,
    reloadCertificates: () => reload(config.tcp?.tls, tls.secure, log),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

async function assemble(config: AgentConfig, log: Logger, startup: AsyncDisposableStack): Promise<Backends> {
  const { dataRoot, runRoot } = config;
  const layers = new OverlayLayerStore({ root: join(dataRoot, 'layers'), logger: log });
  const content = new ContentStore({ root: join(dataRoot, 'content') });
  const images = new FileImageStore({ root: join(dataRoot, 'images'), layers, content, logger: log });
  const plugins = new Plugins(dockerPluginPlaces);
  const idMap = await remapOf(config);
  const volumes = new AllVolumes({
    local: new LocalVolumeStore({ root: join(dataRoot, 'volumes'), owner: idMap && hostRoot(idMap) }),
    plugins: new PluginVolumes({ plugins, log }),
    records: new JsonStore({ directory: join(dataRoot, 'plugin-volumes'), decode: decodePluginVolume }),
  });
  const runtime = startup.adopt(await openRuntime(runRoot), (each) => each.close());
  const paths = new ContainerPaths(dataRoot, runRoot);
  const [networks, store, hostId] = await Promise.all([
    NftNetworks.open({
      stateDir: join(dataRoot, 'network'),
      name: 'bridge',
      bridge: bridgeName,
      settings: config.network,
      ...(config.network.defaultAddressPools && { pools: config.network.defaultAddressPools }),
      logger: log,
      plugins,
    }),
    ContainerStore.open(paths, log),
    readHostId(join(dataRoot, 'id')),
  ]);
  const events = new EventBus();
  const host = await withAppArmor(readHostFacts(), log);
  const blobs = new BlobRecords(join(dataRoot, 'registry-blobs'), log);
  const { insecureRegistries, certificatesDirectories } = config;
  const access = { insecureRegistries, certificatesDirectories };
  const policy = new ImagePolicyFile(config.imagePolicy);
  const puller = new RegistryPuller({
    ...{ images, layers, content, blobs, architecture: goArch(), ...access },
    registryMirrors: config.registryMirrors,
    policy,
  });
  const pusher = new RegistryPusher({ images, layers, blobs, ...access });
  const caches = new RegistryCaches({ layers, blobs, ...access });
  const directory = new RegistryDirectory(access);
  const context: ContainerContext = {
    ...{ store, paths, runtime, host, layers, images, networks, volumes, events, idMap, log },
    logDefaults: checkedLogDefaults(config),
    locks: new KeyedMutex(),
    clock: systemClock,
  };
  startup.use(serveNames(context));
  await recover(context);
  startup.use(new LogRotation(context));
  startup.use(networks.watch());
  const cache = new StepCache({ root: join(dataRoot, 'build', 'cache'), images, layers, logger: log });
  await cache.load();
  await blobs.keepOnly(new Set((await images.list()).flatMap(({ config }) => diffIdsOf(config))));
  await images.recover(); // after containers and build cache have said which layers they need

  const containerService = new ContainerService(context);
  const imageService = new ImageService({
    ...{ images, layers, puller, pusher, directory, policy, containers: store, events },
  });
  const volumeService = new VolumeService({ paths, volumes, containers: store, events, idMap });
  const platform = { os: 'linux', architecture: goArch() };
  const builds = new BuildService({
    ...{ containers: context, puller, caches, cache, platform },
    directory: join(dataRoot, 'build'),
    runDirectory: join(runRoot, 'build'),
  });
  await builds.recover();
  const startedAt = new Date().toISOString();
  return {
    containers: containerService,
    images: imageService,
    builds,
    volumes: volumeService,
    networks: new NetworkService(context, { hostId, createdAt: startedAt }),
    system: new SystemService({
      ...{ containerService, imageService, volumeService, images, layers, runtime, host, events, builds },
      plugins,
      containers: store,
      settings: { ...config, id: hostId, remapped: idMap !== undefined },
    }),
    platform,
  };
}

/** Throws USERNS_REMAP_INVALID: who asked for it must not get containers without it. */
async function remapOf({ usernsRemap, dataRoot }: AgentConfig): Promise<IdMap | undefined> {
  if (usernsRemap === undefined) return undefined;
  const idMap = await resolveRemap(usernsRemap);
  await checkPassable(dataRoot, usernsRemap);
  return idMap;
}

/** Without the profile nobody is confined, and nobody is told to be. */
async function withAppArmor(host: HostFacts, log: Logger): Promise<HostFacts> {
  if (!host.appArmor) return host;
  try {
    await loadAppArmorProfile();
    return host;
  } catch (error) {
    log.warn('the AppArmor profile of containers is not loaded', { error: errorMessage(error) });
    return { ...host, appArmor: false };
  }
}

/** Throws OPTION_INVALID, OPTION_UNSUPPORTED: better now than at every container's creation. */
function checkedLogDefaults({ logDriver, logOptions }: AgentConfig): LogConfig {
  const defaults = { Type: logDriver, Config: logOptions };
  validateLogConfig(defaults);
  return defaults;
}

/** Docker's own name for it would be taken by a dockerd beside us. */
const bridgeName = 'tsm0';

/** The host's runtimes, crun first. What they keep of a container lies apart, so each knows its own. */
async function openRuntime(runRoot: string): Promise<RuntimeChoice> {
  const [runtime, conmon, runc] = await Promise.all([
    findProgram('crun', 'runc'),
    findProgram('conmon'),
    findProgram('runc').catch(() => undefined), // nobody needs it where there is crun
  ]);
  const first = new ConmonRuntime({ runtime, conmon, stateRoot: join(runRoot, 'runtime') });
  if (runc === undefined || runc === runtime) return new RuntimeChoice(first);
  return new RuntimeChoice(
    first,
    new ConmonRuntime({ runtime: runc, conmon, stateRoot: join(runRoot, 'runc') }),
  );
}

/** `docker info` shows it; kept for as long as the data root lives. */
async function readHostId(path: string): Promise<string> {
  const known = await readFile(path, 'utf8').catch(() => undefined);
  if (known !== undefined) return known.trim();
  const id = randomId();
  await writeFileAtomically(path, `${id}\n`);
  return id;
}

interface Listeners {
  readonly listeners: readonly Listener[];
  readonly secure: TlsListener | undefined;
}

async function listen(
  { socket, tcp }: AgentConfig,
  server: ApiServer,
  startup: AsyncDisposableStack,
): Promise<Listeners> {
  const secure = tcp && startup.use(await listenOnTls(server, tcp, await readMaterial(tcp.tls)));
  const local = startup.use(await listenOnSocket(server, socket));
  return { listeners: secure ? [secure, local] : [local], secure };
}

async function readMaterial(files: TlsFiles): Promise<TlsMaterial> {
  const [ca, certificate, key] = await Promise.all(
    [files.ca, files.certificate, files.key].map((path) => readFile(path, 'utf8')),
  );
  const others = await readClientAuthorities(join(dirname(files.ca), 'clients.d'));
  return { ca: [ca ?? '', ...others].join('\n'), certificate: certificate ?? '', key: key ?? '' };
}

/** Of other stores and people who were let in; each can be taken away without touching the rest. */
async function readClientAuthorities(directory: string): Promise<readonly string[]> {
  const names = await readdir(directory).catch(() => []);
  const files = names.filter((name) => name.endsWith('.pem')).sort();
  return Promise.all(files.map((name) => readFile(join(directory, name), 'utf8')));
}

async function reload(
  files: TlsFiles | undefined,
  secure: TlsListener | undefined,
  log: Logger,
): Promise<void> {
  if (!files || !secure) return;
  secure.reload(await readMaterial(files));
  log.info('certificates are reloaded');
}
