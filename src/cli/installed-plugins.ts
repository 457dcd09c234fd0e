import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { PluginPackage } from '../drivers/plugin.js';
import { isJsonObject, type JsonObject } from '../shared/json.js';

/** The packages in oclif's list of plugins. One that cannot be read is left out: only its own machines miss it. */
export async function installedPlugins(dataDirectory: string): Promise<readonly PluginPackage[]> {
  const { oclif } = await readManifest(dataDirectory);
  const listed = isJsonObject(oclif) && Array.isArray(oclif['plugins']) ? oclif['plugins'] : [];
  const found = await Promise.all(listed.filter(isJsonObject).map((entry) => plugin(dataDirectory, entry)));
  return found.filter((each) => each !== undefined);
}

async function plugin(directory: string, entry: JsonObject): Promise<PluginPackage | undefined> {
  const { name, root: linked } = entry;
  if (typeof name !== 'string') return undefined;
  const root = typeof linked === 'string' ? linked : join(directory, 'node_modules', name);
  const manifest = await readManifest(root);
  return { name, version: String(manifest['version']), root, manifest };
}

async function readManifest(directory: string): Promise<JsonObject> {
  const text = await readFile(join(directory, 'package.json'), 'utf8').catch(() => '{}');
  try {
    const manifest: unknown = JSON.parse(text);
    return isJsonObject(manifest) ? manifest : {};
  } catch {
    return {};
  }
}
