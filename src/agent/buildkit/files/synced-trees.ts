import { mkdir, readdir, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { packet } from '../../../buildkit/wire/session.js';
import { type Digest, digestHex, digestOf } from '../../../shared/digest.js';
import { randomId } from '../../../shared/identifiers.js';
import type { ByteString } from '../../../shared/tar/tar-entry.js';
import { contextLimits } from '../../build/context/unpack-context.js';
import type { SourceTree } from '../../build/copy/source-tree.js';
import { syncFailed } from '../errors.js';
import type { Session } from '../session/sessions.js';
import { receiveFiles } from './receive-files.js';

export interface SyncRequest {
  /** Of the client's directory: "context", "dockerfile", … */
  readonly name: string;
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  /** Nothing but these and what they lead to. */
  readonly followPaths?: readonly string[] | undefined;
}

export interface SyncedTree extends SourceTree, AsyncDisposable {}

/** Kept for the next build of the same directory; those that were not used for longest go first. */
const mostKept = 32;

/** Directories of clients, kept from build to build so that only what has changed travels. */
export class SyncedTrees {
  readonly #directory: string;
  readonly #inUse = new Set<string>();
  readonly #digests = new Map<string, Map<ByteString, Digest>>();

  /** A directory of its own. */
  constructor(directory: string) {
    this.#directory = directory;
  }

  /** Until its disposal nobody changes the tree. Throws FILE_SYNC_FAILED, BUILD_TOO_LARGE. */
  async sync(
    session: Session,
    request: SyncRequest,
    { progress, signal }: { readonly progress: (bytes: number) => void; readonly signal: AbortSignal },
  ): Promise<SyncedTree> {
    const { name, include = [], exclude = [], followPaths = [] } = request;
    const method = '/moby.filesync.v1.FileSync/DiffCopy';
    if (!session.supports(method)) throw syncFailed('it offers none');
    const place = await this.#take(session, request);
    const digests = this.#digests.get(place.path) ?? new Map<ByteString, Digest>();
    this.#digests.set(place.path, digests);
    try {
      const metadata = encoded({
        ...{ 'dir-name': [name], 'include-patterns': include, 'exclude-patterns': exclude },
        followpaths: followPaths,
      });
      using stream = session.client.stream(
        method,
        { request: packet, response: packet },
        { metadata, signal },
      );
      await receiveFiles(stream, { directory: place.path, digests, limits: contextLimits, progress });
    } catch (error) {
      await place[Symbol.asyncDispose]();
      throw error;
    }
    return { root: place.path, digests, [Symbol.asyncDispose]: () => place[Symbol.asyncDispose]() };
  }

  /** Removes what no build uses. */
  async prune(): Promise<void> {
    for (const path of await this.#kept()) await this.#discard(path);
  }

  /** One that was kept, or a new one where that is in use or the client has no key. */
  async #take({ info }: Session, request: SyncRequest): Promise<{ readonly path: string } & AsyncDisposable> {
    // A few small files that are read at once are not worth keeping.
    const isSmall = request.include !== undefined;
    const key =
      info.sharedKey === '' || isSmall
        ? undefined
        : digestHex(digestOf(JSON.stringify([info.sharedKey, request])));
    const kept = key === undefined ? undefined : join(this.#directory, key);
    const path =
      kept === undefined || this.#inUse.has(kept) ? join(this.#directory, `tmp-${randomId()}`) : kept;
    this.#inUse.add(path);
    await mkdir(path, { recursive: true, mode: 0o755 });
    return {
      path,
      [Symbol.asyncDispose]: async () => {
        this.#inUse.delete(path);
        if (path !== kept) return await this.#discard(path);
        const now = new Date();
        await utimes(path, now, now);
        await this.#removeOldest();
      },
    };
  }

  async #removeOldest(): Promise<void> {
    const kept = await Promise.all(
      (await this.#kept()).map(async (path) => ({ path, time: (await stat(path)).mtimeMs })),
    );
    const oldest = kept.sort((a, b) => b.time - a.time).slice(mostKept);
    for (const { path } of oldest) await this.#discard(path);
  }

  async #kept(): Promise<readonly string[]> {
    const names = await readdir(this.#directory).catch(() => []);
    return names.map((name) => join(this.#directory, name)).filter((path) => !this.#inUse.has(path));
  }

  async #discard(path: string): Promise<void> {
    this.#digests.delete(path);
    await rm(path, { recursive: true, force: true });
  }
}

/** Headers are ASCII: other values are escaped, and the header says so. */
function encoded(values: Readonly<Record<string, readonly string[]>>): Record<string, readonly string[]> {
  const metadata: Record<string, readonly string[]> = {};
  for (const [name, list] of Object.entries(values)) {
    if (list.length === 0) continue;
    const isPlain = list.every((value) => /^[\x20-\x7e]*$/.test(value));
    metadata[name] = isPlain ? list : list.map((value) => encodeURIComponent(value));
    if (!isPlain) metadata[`${name}-encoded`] = ['1'];
  }
  return metadata;
}
