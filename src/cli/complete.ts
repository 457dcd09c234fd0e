import { listContainers } from '../api/client/containers.js';
import { EngineClient } from '../api/client/engine-client.js';
import { listImages } from '../api/client/images.js';
import { listNetworks } from '../api/client/networks.js';
import { listVolumes } from '../api/client/volumes.js';
import { ContextStore } from '../machine/contexts/context-store.js';
import { storedEndpoint } from '../machine/engine/stored-endpoint.js';
import { activeMachine, machineNames } from '../machine/store/access.js';
import { storagePath } from '../machine/store/storage.js';
import { dockerConfigDirectory } from './docker-config-directory.js';

/**
 * `tsmachine __complete KIND [-m MACHINE] [-s DIRECTORY]`, which shells run while somebody types: names, one a line,
 * without oclif. A shell has nobody to tell of an error: then there are no names.
 */
export async function complete(argv: readonly string[], environment: NodeJS.ProcessEnv): Promise<string> {
  const [kind, ...options] = argv;
  const storage = storagePath(optionOf(options, '-s'), environment);
  if (kind === 'machines') return lines(machineNames(storage));
  if (kind === 'contexts') return lines((await contexts(environment)).toSorted());
  if (kind === 'choosable-contexts') {
    // A machine without a context is given one.
    return lines([...new Set([...(await contexts(environment)), ...machineNames(storage)])].toSorted());
  }
  const list = kind === undefined ? undefined : engineNames[kind];
  if (!list) return '';
  try {
    const machine = optionOf(options, '-m') ?? activeMachine(storage, environment);
    const deadline = { connectTimeoutMs: patienceMs, requestTimeoutMs: patienceMs };
    using client = new EngineClient(storedEndpoint(storage, machine), deadline);
    return lines((await list(client, AbortSignal.timeout(patienceMs))).toSorted());
  } catch {
    return '';
  }
}

/** Longer than this nobody waits at a prompt. */
const patienceMs = 2000;

type NameList = (client: EngineClient, signal: AbortSignal) => Promise<readonly string[]>;

const engineNames: Readonly<Record<string, NameList>> = {
  containers: (client, signal) => containers(client, true, signal),
  running: (client, signal) => containers(client, false, signal),
  images: async (client, signal) =>
    (await listImages(client, {}, signal)).flatMap(({ RepoTags }) => RepoTags ?? []).filter(isNamed),
  networks: async (client, signal) => (await listNetworks(client, {}, signal)).map(({ Name }) => Name),
  volumes: async (client, signal) => (await listVolumes(client, {}, signal)).map(({ Name }) => Name),
};

async function contexts(environment: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const found = await new ContextStore(dockerConfigDirectory(environment)).all();
  return ['default', ...found.map(({ name }) => name)];
}

async function containers(
  client: EngineClient,
  all: boolean,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const found = await listContainers(client, { all }, signal);
  // A link adds names such as /web/db.
  const names = found.flatMap(({ Names }) => Names ?? []).map((name) => name.slice(1));
  return names.filter((name) => !name.includes('/'));
}

function isNamed(tag: string): boolean {
  return !tag.includes('<none>');
}

function lines(names: readonly string[]): string {
  return names.map((name) => `${name}\n`).join('');
}

function optionOf(options: readonly string[], option: string): string | undefined {
  const at = options.indexOf(option);
  return at < 0 ? undefined : options[at + 1];
}
