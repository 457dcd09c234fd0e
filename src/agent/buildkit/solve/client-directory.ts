import { posix } from 'node:path';
import { ignorePatterns } from '../../build/copy/patterns.js';
import type { SourceTree } from '../../build/copy/source-tree.js';
import type { ContextSource } from '../../build/exec/request.js';
import type { SyncedTree } from '../files/synced-trees.js';
import { type LoadContext, readSmall } from './load-dockerfile.js';

/** A directory of the client's as a context: taken over when a step first needs it, and kept until disposal. */
export class ClientDirectory implements ContextSource, AsyncDisposable {
  readonly #context: LoadContext;
  readonly #name: string;
  readonly #ignore: string | undefined;
  readonly #label: string;
  /** By the paths that were asked for. */
  readonly #open = new Map<string, Promise<SyncedTree>>();

  /** `ignore` is the text of the ignore file where it does not lie in the directory itself. */
  constructor(context: LoadContext, name: string, label: string, ignore?: string) {
    this.#context = context;
    this.#name = name;
    this.#label = label;
    this.#ignore = ignore;
  }

  async tree(paths?: readonly string[]): Promise<SourceTree> {
    const key = JSON.stringify(paths ?? null);
    const tree = this.#open.get(key) ?? this.#sync(paths);
    this.#open.set(key, tree);
    return await tree;
  }

  async #sync(paths: readonly string[] | undefined): Promise<SyncedTree> {
    const exclude = patternsOf(this.#ignore ?? (await this.#ignoreFile()));
    const { session, trees, status, signal } = this.#context;
    return await status.during(this.#label, async (vertex) => {
      const item = `transferring ${this.#name}:`;
      let bytes = 0;
      const progress = (current: number) => {
        bytes = current;
        vertex.item(item, { current });
      };
      const tree = await trees.sync(
        session,
        { name: this.#name, exclude, followPaths: paths },
        { progress, signal },
      );
      vertex.item(item, { current: bytes, done: true });
      return tree;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const syncing of this.#open.values())
      await (await syncing.catch(() => undefined))?.[Symbol.asyncDispose]();
  }

  #ignoreFile(): Promise<string> {
    const { session, trees, status, signal } = this.#context;
    return status.during('[internal] load .dockerignore', async (vertex) => {
      const item = `transferring ${this.#name}:`;
      const request = { name: this.#name, include: ['.dockerignore'] };
      let bytes = 0;
      const progress = (current: number) => {
        bytes = current;
      };
      await using tree = await trees.sync(session, request, { progress, signal });
      vertex.item(item, { current: bytes, done: true });
      return (await readSmall(tree.root, '.dockerignore')) ?? '';
    });
  }
}

/** As the client wants them: cleaned, and without a slash before them. */
function patternsOf(text: string): readonly string[] {
  return ignorePatterns(text).map((line) => {
    const trimmed = line.trim();
    const negated = trimmed.startsWith('!');
    const clean = posix.normalize((negated ? trimmed.slice(1) : trimmed).trim());
    const relative = clean.length > 1 ? clean.replace(/^\//, '').replace(/\/$/, '') : clean;
    return negated ? `!${relative}` : relative;
  });
}
