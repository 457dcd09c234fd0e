import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { errorMessage, systemErrorCode } from '../../shared/errors.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import type { Credentials } from './credentials.js';
import { dockerConfigInvalid } from './errors.js';
import { registryServer } from './registry-server.js';

/** What docker's config.json says of registries and keys; it is only read. */
export interface DockerConfig {
  /** The keys that detach from a container. */
  readonly detachKeys: string | undefined;
  /** The program that keeps the logins of a registry: "docker-credential-NAME". */
  helperFor(server: string): string | undefined;
  /** Of those that are in the file itself. */
  credentials(server: string): Credentials | undefined;
  /** Registries that are named in it. */
  readonly servers: readonly string[];
}

/** Throws DOCKER_CONFIG_INVALID; a file that is not there says nothing. */
export async function readDockerConfig(directory: string): Promise<DockerConfig> {
  const path = join(directory, 'config.json');
  const text = await readFile(path, 'utf8').catch((error): undefined => {
    if (systemErrorCode(error) !== 'ENOENT') throw dockerConfigInvalid(path, errorMessage(error), error);
  });
  return decode(text === undefined ? {} : parse(path, text));
}

function decode({ auths, credHelpers, credsStore, detachKeys }: JsonObject): DockerConfig {
  const entries = new Map(
    Object.entries(isJsonObject(auths) ? auths : {}).map(([key, entry]) => [registryServer(key), entry]),
  );
  const helpers = new Map(
    Object.entries(isJsonObject(credHelpers) ? credHelpers : {}).map(([key, name]) => [
      registryServer(key),
      name,
    ]),
  );
  return {
    detachKeys: typeof detachKeys === 'string' ? detachKeys : undefined,
    servers: [...new Set([...entries.keys(), ...helpers.keys()])],
    helperFor: (server) => {
      const name = helpers.get(server) ?? credsStore;
      return typeof name === 'string' && name !== '' ? name : undefined;
    },
    credentials: (server) => decodeEntry(entries.get(server)),
  };
}

function decodeEntry(entry: unknown): Credentials | undefined {
  const { auth, identitytoken: identityToken, username, password } = isJsonObject(entry) ? entry : {};
  if (typeof identityToken === 'string' && identityToken !== '') return { identityToken };
  if (typeof username === 'string' && typeof password === 'string') return { username, password };
  const decoded = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString() : '';
  const colon = decoded.indexOf(':');
  if (colon < 1) return undefined;
  return { username: decoded.slice(0, colon), password: decoded.slice(colon + 1).replace(/\0+$/, '') };
}

/** Its content is not quoted: it may hold passwords. */
function parse(path: string, text: string): JsonObject {
  try {
    const value: unknown = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch {
    // told below
  }
  throw dockerConfigInvalid(path, 'it is not a JSON object');
}
