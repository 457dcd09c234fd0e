import { access, readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { errorMessage } from '../../shared/errors.js';
import { isJsonObject, type JsonObject, type JsonValue } from '../../shared/json.js';
import { machineFileInvalid } from './errors.js';

/** A machine of docker-machine's, as its store has it. */
export interface TheirMachine {
  readonly name: string;
  readonly driver: string;
  /** The driver's own JSON. */
  readonly settings: JsonObject;
  readonly labels: readonly string[];
  readonly insecureRegistries: readonly string[];
  readonly registryMirrors: readonly string[];
  /** Absolute paths of files that are there; undefined where none was found. */
  readonly files: {
    readonly ca: string | undefined;
    readonly cert: string | undefined;
    readonly key: string | undefined;
    readonly sshKey: string | undefined;
  };
}

export interface UnreadableMachine {
  readonly name: string;
  readonly problem: string;
}

/** docker-machine's libmachine/version: a newer one is "from the future". */
const newestVersion = 3;

/**
 * Reads a store of docker-machine (config versions 0 to 3) without changing it, unlike docker-machine, which migrates
 * what it reads. A machine that cannot be read is told apart and stops no other. Throws MACHINE_FILE_INVALID.
 */
export async function readDockerMachineStore(
  root: string,
): Promise<readonly (TheirMachine | UnreadableMachine)[]> {
  const entries = await readdir(join(root, 'machines'), { withFileTypes: true }).catch((cause) => {
    throw machineFileInvalid(root, 'it has no directory "machines"', cause);
  });
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
  return Promise.all(
    names
      .sort()
      .map((name) =>
        readMachine(root, name).catch((error: unknown) => ({ name, problem: errorMessage(error) })),
      ),
  );
}

async function readMachine(root: string, name: string): Promise<TheirMachine | UnreadableMachine> {
  const directory = join(root, 'machines', name);
  const config: unknown = JSON.parse(await readFile(join(directory, 'config.json'), 'utf8'));
  if (!isJsonObject(config)) return { name, problem: 'its config.json is damaged' };
  const version = config['ConfigVersion'] ?? 0;
  if (typeof version !== 'number' || version > newestVersion) {
    return { name, problem: `its config version ${JSON.stringify(version)} is not known` };
  }
  const { DriverName: driver, Driver: settings } = config;
  if (typeof driver !== 'string' || !isJsonObject(settings)) {
    return { name, problem: 'its config.json names no driver' };
  }
  const hostOptions = child(config, 'HostOptions');
  const engine = child(hostOptions, 'EngineOptions');
  // Version 0 has the paths on the host itself.
  const auth = version === 0 ? config : child(hostOptions, 'AuthOptions');
  return {
    name,
    driver,
    settings,
    labels: strings(engine['Labels']),
    insecureRegistries: strings(engine['InsecureRegistry']),
    registryMirrors: strings(engine['RegistryMirror']),
    files: await findFiles(root, directory, settings, auth),
  };
}

/** The recorded paths are absolute, and wrong once the store was moved: files beside the record come first. */
async function findFiles(
  root: string,
  directory: string,
  settings: JsonObject,
  auth: JsonObject,
): Promise<TheirMachine['files']> {
  const certificate = (file: string, recorded: JsonValue | undefined) =>
    firstPresent([join(directory, file), recorded, join(root, 'certs', file)]);
  const sshKey = settings['SSHKeyPath'];
  const [ca, cert, key, found] = await Promise.all([
    certificate('ca.pem', auth['CaCertPath']),
    certificate('cert.pem', auth['ClientCertPath']),
    certificate('key.pem', auth['ClientKeyPath']),
    firstPresent([
      ...(typeof sshKey === 'string' && sshKey !== '' ? [join(directory, basename(sshKey)), sshKey] : []),
      join(directory, 'id_rsa'),
    ]),
  ]);
  return { ca, cert, key, sshKey: found };
}

async function firstPresent(paths: readonly (JsonValue | undefined)[]): Promise<string | undefined> {
  for (const path of paths) {
    if (typeof path !== 'string' || path === '') continue;
    const present = await access(path).then(
      () => true,
      () => false,
    );
    if (present) return path;
  }
  return undefined;
}

function child(object: JsonObject, key: string): JsonObject {
  const value = object[key];
  return isJsonObject(value) ? value : {};
}

function strings(value: JsonValue | undefined): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
