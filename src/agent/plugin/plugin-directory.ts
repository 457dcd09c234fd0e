import { readdir, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { systemErrorCode } from '../../shared/errors.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';

/** Where a plugin answers: a Unix socket, or an HTTP server. */
export type PluginAddress =
  | { readonly socketPath: string }
  | { readonly host: string; readonly port: number }
  | { readonly host: string; readonly port: number; readonly tls: PluginTls };

/** Paths of files; "" for none. */
export interface PluginTls {
  readonly ca: string;
  readonly certificate: string;
  readonly key: string;
  /** The plugin's certificate is not looked at. */
  readonly insecure: boolean;
}

export interface PluginPlaces {
  /** Sockets: NAME.sock, or NAME/NAME.sock. */
  readonly sockets: string;
  /** NAME.spec with an address, or NAME.json with `Addr`; the first that has the name counts. */
  readonly specs: readonly string[];
}

/** Docker's (plugin_api, "Plugin discovery"). */
export const dockerPluginPlaces: PluginPlaces = {
  sockets: '/run/docker/plugins',
  specs: ['/etc/docker/plugins', '/usr/lib/docker/plugins'],
};

/** Plugins that are announced now, by name; sockets come first. Whether they answer is not known. */
export async function findPlugins(places: PluginPlaces): Promise<ReadonlyMap<string, PluginAddress>> {
  const found = new Map<string, PluginAddress>();
  for (const entry of await entriesOf(places.sockets)) {
    const name = basename(entry, '.sock');
    const directory = name === entry ? join(places.sockets, name) : places.sockets;
    if (name !== entry || (await entriesOf(directory)).includes(`${name}.sock`)) {
      found.set(name, { socketPath: join(directory, `${name}.sock`) });
    }
  }
  for (const directory of places.specs) await addSpecs(found, directory);
  return found;
}

async function addSpecs(found: Map<string, PluginAddress>, directory: string): Promise<void> {
  for (const entry of await entriesOf(directory)) {
    const name = entry.replace(/\.(spec|json)$/, '');
    const address = name === entry || found.has(name) ? undefined : await readSpec(join(directory, entry));
    if (address) found.set(name, address);
  }
}

async function entriesOf(directory: string): Promise<readonly string[]> {
  try {
    return (await readdir(directory)).sort();
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return [];
    throw error;
  }
}

async function readSpec(path: string): Promise<PluginAddress | undefined> {
  const text = (await readFile(path, 'utf8').catch(() => '')).trim();
  return path.endsWith('.json') ? readDescription(text) : parseAddress(text);
}

function readDescription(text: string): PluginAddress | undefined {
  const value = parsedObject(text);
  const address = parseAddress(String(value?.['Addr'] ?? ''));
  const tls = value?.['TLSConfig'];
  if (!address || !isJsonObject(tls) || !('host' in address)) return address;
  const path = (name: string) => (typeof tls[name] === 'string' ? tls[name] : '');
  return {
    ...address,
    tls: {
      ...{ ca: path('CAFile'), certificate: path('CertFile'), key: path('KeyFile') },
      insecure: tls['InsecureSkipVerify'] === true,
    },
  };
}

function parsedObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function parseAddress(text: string): PluginAddress | undefined {
  const [, scheme, rest = ''] = /^(unix|tcp|http|https):\/\/(.+)$/.exec(text) ?? [];
  if (scheme === 'unix') return { socketPath: rest };
  const [, host, port] = /^\[?([^\]/]+?)\]?:(\d+)\/?$/.exec(rest) ?? [];
  return scheme === undefined || host === undefined ? undefined : { host, port: Number(port) };
}
