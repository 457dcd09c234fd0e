import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically, writeJsonAtomically } from '../../shared/atomic-file.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { contextNotFound } from './errors.js';

/** What docker keeps of a context. */
export interface StoredContext {
  readonly name: string;
  /** `Description`, and what others have put beside it. */
  readonly metadata: JsonObject;
  /** By kind; only "docker" is known today. */
  readonly endpoints: JsonObject;
}

/** PEM texts by the names of their files ("ca.pem"), by kind of endpoint. */
export type TlsMaterial = Readonly<Record<string, Readonly<Record<string, string>>>>;

export interface WholeContext extends StoredContext {
  readonly tls: TlsMaterial;
}

/**
 * docker's contexts (docker/cli, cli/context/store): `contexts/meta/ID/meta.json` and `contexts/tls/ID/docker/*.pem`,
 * ID being the SHA-256 of the name.
 */
export class ContextStore {
  readonly #directory: string;

  constructor(dockerConfig: string) {
    this.#directory = join(dockerConfig, 'contexts');
  }

  /** Where docker says that it keeps it. */
  places(name: string): { readonly metadata: string; readonly tls: string } {
    const id = createHash('sha256').update(name).digest('hex');
    return { metadata: join(this.#directory, 'meta', id), tls: join(this.#directory, 'tls', id) };
  }

  /** In no order. */
  async all(): Promise<readonly StoredContext[]> {
    const ids = await readdir(join(this.#directory, 'meta')).catch(() => []);
    const found = await Promise.all(ids.map((id) => readMeta(join(this.#directory, 'meta', id))));
    return found.filter((context) => context !== undefined);
  }

  async find(name: string): Promise<StoredContext | undefined> {
    return readMeta(this.places(name).metadata);
  }

  /** With its keys. Throws CONTEXT_NOT_FOUND. */
  async read(name: string): Promise<WholeContext> {
    const context = await this.find(name);
    if (!context) throw contextNotFound(name);
    return { ...context, tls: await this.#readTls(name) };
  }

  /** Keys that it has not any more are removed. */
  async write({ tls, ...context }: WholeContext): Promise<void> {
    const places = this.places(context.name);
    await this.#writeTls(context.name, tls);
    await mkdir(places.metadata, { recursive: true, mode: 0o755 });
    const { name: Name, metadata: Metadata, endpoints: Endpoints } = context;
    await writeJsonAtomically(join(places.metadata, 'meta.json'), { Name, Metadata, Endpoints }, 0o644);
  }

  async remove(name: string): Promise<void> {
    const { metadata, tls } = this.places(name);
    await rm(metadata, { recursive: true, force: true });
    await rm(tls, { recursive: true, force: true });
  }

  async #readTls(name: string): Promise<TlsMaterial> {
    const directory = this.places(name).tls;
    const kinds = await readdir(directory).catch(() => []);
    const material = kinds.map(async (kind) => {
      const files = (await readdir(join(directory, kind)).catch(() => [])).sort();
      const read = async (file: string) => [file, await readFile(join(directory, kind, file), 'utf8')];
      return [kind, Object.fromEntries(await Promise.all(files.map(read)))];
    });
    return Object.fromEntries(await Promise.all(material));
  }

  async #writeTls(name: string, tls: TlsMaterial): Promise<void> {
    const directory = this.places(name).tls;
    const old = await this.#readTls(name);
    for (const [kind, files] of Object.entries(tls)) {
      await mkdir(join(directory, kind), { recursive: true, mode: 0o700 });
      for (const [file, content] of Object.entries(files)) {
        if (old[kind]?.[file] !== content) await writeFileAtomically(join(directory, kind, file), content);
      }
    }
    for (const [kind, files] of Object.entries(old)) {
      const gone = Object.keys(files).filter((file) => tls[kind]?.[file] === undefined);
      for (const file of gone) await rm(join(directory, kind, file), { force: true });
      if (!tls[kind]) await rm(join(directory, kind), { recursive: true, force: true });
    }
    if (Object.keys(tls).length === 0) await rm(directory, { recursive: true, force: true });
  }
}

/** Undefined where there is none, or none that can be read. */
async function readMeta(directory: string): Promise<StoredContext | undefined> {
  try {
    return parseMeta(await readFile(join(directory, 'meta.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/** Throws for what is no JSON; undefined for what is no context. */
export function parseMeta(text: string): StoredContext | undefined {
  const value: unknown = JSON.parse(text);
  if (!isJsonObject(value) || typeof value['Name'] !== 'string') return undefined;
  const { Name: name, Metadata, Endpoints } = value;
  return {
    name,
    metadata: isJsonObject(Metadata) ? Metadata : {},
    endpoints: isJsonObject(Endpoints) ? Endpoints : {},
  };
}
