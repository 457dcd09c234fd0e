import { isJsonObject, type JsonObject } from '../../shared/json.js';
import { ContextStore, type StoredContext, type TlsMaterial } from './context-store.js';
import { checkContextName, contextNotOurs } from './errors.js';

export interface ContextSource {
  readonly name: string;
  /** DOCKER_HOST. */
  readonly url: string;
  /** PEM texts; absent for an engine behind ssh://. */
  readonly tls?: { readonly ca: string; readonly cert: string; readonly key: string };
}

/**
 * The contexts of machines. They carry in their metadata which store and machine they come from, and only those are ever
 * changed or removed here; a copy under another name is none of them.
 */
export class DockerContexts {
  readonly #contexts: ContextStore;
  readonly #storage: string;

  /** `storage` is the store whose contexts are ours. */
  constructor(dockerConfig: string, storage: string) {
    this.#contexts = new ContextStore(dockerConfig);
    this.#storage = storage;
  }

  /** Makes it, or changes it where it differs. Throws CONTEXT_NAME_INVALID, CONTEXT_EXISTS. */
  async write({ name, url, tls }: ContextSource): Promise<'made' | 'changed' | 'kept'> {
    checkContextName(name);
    const found = await this.#contexts.find(name);
    if (found && !this.#isOurs(found)) throw contextNotOurs(name);
    const old = found && (await this.#contexts.read(name));
    const context = {
      name,
      metadata: {
        Description: `tsmachine ${name}`,
        tsmachine: { machine: name, storage: this.#storage },
      },
      endpoints: { docker: { Host: url, SkipTLSVerify: false } },
      tls: pemFiles(tls),
    };
    if (JSON.stringify(old) === JSON.stringify(context)) return 'kept';
    await this.#contexts.write(context);
    return old ? 'changed' : 'made';
  }

  /** False when there is none of ours with this name. */
  async remove(name: string): Promise<boolean> {
    const context = await this.#contexts.find(name);
    if (!context || !this.#isOurs(context)) return false;
    await this.#contexts.remove(name);
    return true;
  }

  /** Names of those that come from this store. */
  async list(): Promise<readonly string[]> {
    const ours = (await this.#contexts.all()).filter((context) => this.#isOurs(context));
    return ours.map(({ name }) => name).sort();
  }

  #isOurs({ name, metadata }: StoredContext): boolean {
    const mark = metadata[markKey];
    if (!isJsonObject(mark) || mark['storage'] !== this.#storage) return false;
    return (mark['machine'] ?? name) === name; // those of before name no machine
  }
}

const markKey = 'tsmachine';

/** Metadata of a context that is to belong to nobody: a copy. */
export function withoutMark({ [markKey]: _, ...metadata }: JsonObject): JsonObject {
  return metadata;
}

function pemFiles(tls: ContextSource['tls']): TlsMaterial {
  return tls ? { docker: { 'ca.pem': tls.ca, 'cert.pem': tls.cert, 'key.pem': tls.key } } : {};
}
