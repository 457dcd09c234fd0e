import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically, writeJsonAtomically } from '../../shared/atomic-file.js';
import { TsmachineError } from '../../shared/errors.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';

/**
 * docker's contexts (docker/cli, cli/context/store): `contexts/meta/ID/meta.json` and `contexts/tls/ID/docker/*.pem`,
 * ID being the SHA-256 of the name. Ours carry in their metadata which store they come from, and only those are
 * ever changed or removed.
 */
export interface ContextSource {
  readonly name: string;
  /** DOCKER_HOST. */
  readonly url: string;
  /** PEM texts; absent for an engine behind ssh://. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

export interface ContextEntry {
  readonly name: string;
  readonly description: string;
  readonly host: string;
}

export class DockerContexts {
  readonly #directory: string;
  readonly #storage: string;

  /** `storage` is the store whose contexts are ours. */
  constructor(dockerConfig: string, storage: string) {
    this.#directory = join(dockerConfig, 'contexts');
    this.#storage = storage;
  }

  /** Makes it, or changes it where it differs. Throws CONTEXT_NAME_INVALID, CONTEXT_EXISTS. */
  async write({ name, url, tls }: ContextSource): Promise<'made' | 'changed' | 'kept'> {
    if (!isContextName(name)) throw nameInvalid(name);
    const old = await this.#readMeta(idOf(name));
    if (old && !this.#isOurs(old)) throw notOurs(name);
    const meta = {
      Name: name,
      Metadata: { Description: `tsmachine ${name}`, tsmachine: { storage: this.#storage } },
      Endpoints: { docker: { Host: url, SkipTLSVerify: false } },
    };
    const changed = tls !== undefined && (await this.#writeTls(name, tls));
    if (old && JSON.stringify(old) === JSON.stringify(meta)) return changed ? 'changed' : 'kept';
    await mkdir(this.#metaDirectory(idOf(name)), { recursive: true, mode: 0o755 });
    await writeJsonAtomically(join(this.#metaDirectory(idOf(name)), 'meta.json'), meta, 0o644);
    return old ? 'changed' : 'made';
  }

  /** False when there is none of ours with this name. */
  async remove(name: string): Promise<boolean> {
    const meta = await this.#readMeta(idOf(name));
    if (!meta || !this.#isOurs(meta)) return false;
    await rm(this.#metaDirectory(idOf(name)), { recursive: true, force: true });
    await rm(join(this.#directory, 'tls', idOf(name)), { recursive: true, force: true });
    return true;
  }

  /** Names of those that come from this store. */
  async list(): Promise<readonly string[]> {
    const ids = await readdir(join(this.#directory, 'meta')).catch(() => []);
    const metas = await Promise.all(ids.map((id) => this.#readMeta(id)));
    return metas.flatMap((meta) => (meta && this.#isOurs(meta) ? [String(meta['Name'])] : [])).sort();
  }

  /** All that there are, whoever has made them. */
  async entries(): Promise<readonly ContextEntry[]> {
    const ids = await readdir(join(this.#directory, 'meta')).catch(() => []);
    const metas = await Promise.all(ids.map((id) => this.#readMeta(id)));
    return metas.flatMap((meta) => (meta ? contextEntry(meta) : []));
  }

  async #writeTls(name: string, tls: Readonly<Record<string, string>>): Promise<boolean> {
    const directory = join(this.#directory, 'tls', idOf(name), 'docker');
    await mkdir(directory, { recursive: true, mode: 0o700 });
    let changed = false;
    for (const [part, content] of Object.entries(tls)) {
      const path = join(directory, `${part}.pem`);
      if ((await readFile(path, 'utf8').catch(() => undefined)) === content) continue;
      await writeFileAtomically(path, content);
      changed = true;
    }
    return changed;
  }

  async #readMeta(id: string): Promise<JsonObject | undefined> {
    try {
      const value: unknown = JSON.parse(await readFile(join(this.#metaDirectory(id), 'meta.json'), 'utf8'));
      return isJsonObject(value) ? value : undefined;
    } catch {
      return undefined;
    }
  }

  #metaDirectory(id: string): string {
    return join(this.#directory, 'meta', id);
  }

  #isOurs({ Metadata }: JsonObject): boolean {
    const mark = isJsonObject(Metadata) ? Metadata['tsmachine'] : undefined;
    return isJsonObject(mark) && mark['storage'] === this.#storage;
  }
}

function contextEntry({ Name, Metadata, Endpoints }: JsonObject): ContextEntry {
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  const docker = isJsonObject(Endpoints) ? Endpoints['docker'] : undefined;
  return {
    name: text(Name),
    description: isJsonObject(Metadata) ? text(Metadata['Description']) : '',
    host: isJsonObject(docker) ? text(docker['Host']) : '',
  };
}

function idOf(name: string): string {
  return createHash('sha256').update(name).digest('hex');
}

/** docker's rule; its own "default" cannot be another one. */
function isContextName(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.+-]+$/.test(name) && name !== 'default';
}

function nameInvalid(name: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'CONTEXT_NAME_INVALID',
    `docker does not take "${name}" as the name of a context`,
    { hints: ['it needs two characters at least, and "default" is docker\'s own'] },
  );
}

function notOurs(name: string): TsmachineError {
  return new TsmachineError(
    'already-exists',
    'CONTEXT_EXISTS',
    `docker has a context "${name}" that is not of this store`,
    { hints: [`remove it with "docker context rm ${name}"`] },
  );
}
