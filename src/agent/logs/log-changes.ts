import { type FSWatcher, watch } from 'node:fs';
import { basename, dirname } from 'node:path';

/** Tells when a log has grown or been rotated (inotify), or that it will not any more. */
export class LogChanges implements Disposable {
  readonly #watcher: FSWatcher;
  readonly #signal: AbortSignal | undefined;
  #changed = false;
  #wake: () => void = () => {};
  finished = false;

  /** The directory must exist. It is watched, so that a file that is begun later is seen. */
  constructor(
    path: string,
    {
      ended,
      signal,
    }: { readonly ended?: Promise<unknown> | undefined; readonly signal?: AbortSignal | undefined },
  ) {
    const name = basename(path);
    this.#watcher = watch(dirname(path), { persistent: false }, (_event, changed) => {
      if (changed === null || changed === name) this.#note();
    });
    this.#watcher.on('error', () => this.#finish());
    this.#signal = signal;
    ended?.then(this.#finish, this.#finish);
    if (signal?.aborted) this.#finish();
    signal?.addEventListener('abort', this.#finish);
  }

  /** Resolves at the next change, at once when there has been one since the last call. */
  async next(): Promise<void> {
    if (!this.#changed && !this.finished) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    this.#changed = false;
  }

  [Symbol.dispose](): void {
    this.#watcher.close();
    this.#signal?.removeEventListener('abort', this.#finish);
  }

  #note(): void {
    this.#changed = true;
    this.#wake();
  }

  readonly #finish = (): void => {
    this.finished = true;
    this.#wake();
  };
}
