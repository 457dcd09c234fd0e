import { setTimeout as delay } from 'node:timers/promises';
import { type FSWatcher, watch } from 'chokidar';
import { watchFailed } from './errors.js';
import type { WatchRule } from './watch-rule.js';

/** How long nothing may change until what has changed is handed on, and how often that is put off. */
const quietMs = 500;
const longestWait = 20;

/** Watches the files that rules concern, and gathers what changes at about the same time. */
export class FileWatcher implements AsyncDisposable {
  readonly #watcher: FSWatcher;
  #changed = new Set<string>();
  #failure: unknown;
  #wake = Promise.withResolvers<void>();

  private constructor(watcher: FSWatcher) {
    this.#watcher = watcher;
  }

  /** Hears of every change from the moment on when this resolves. Throws WATCH_FAILED. */
  static async open(rules: readonly WatchRule[], signal: AbortSignal): Promise<FileWatcher> {
    const paths = [...new Set(rules.map(({ trigger }) => trigger.path))];
    const watcher = watch(paths, {
      ...{ ignoreInitial: true, followSymlinks: false },
      ignored: (path) => rules.every((rule) => rule.isBlindTo(path)),
    });
    const opened = new FileWatcher(watcher);
    const ready = Promise.withResolvers<void>();
    watcher.on('ready', ready.resolve);
    watcher.on('error', (error) => opened.#fail(error));
    watcher.on('all', (_event, path) => opened.#note(path));
    signal.addEventListener('abort', () => opened.#wake.resolve(), { once: true });
    await Promise.race([ready.promise, opened.#wake.promise]);
    if (opened.#failure !== undefined || signal.aborted) {
      await watcher.close();
      signal.throwIfAborted();
      throw watchFailed(opened.#failure);
    }
    return opened;
  }

  /** Paths that have changed, appeared or vanished; ends when the signal aborts. Throws WATCH_FAILED. */
  async *batches(signal: AbortSignal): AsyncGenerator<readonly string[]> {
    for (;;) {
      await this.#wake.promise;
      await this.#untilQuiet(signal);
      if (signal.aborted) return;
      if (this.#failure !== undefined) throw watchFailed(this.#failure);
      const batch = [...this.#changed];
      this.#changed = new Set();
      yield batch;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#watcher.close();
  }

  async #untilQuiet(signal: AbortSignal): Promise<void> {
    for (let round = 0; round < longestWait && !signal.aborted && this.#failure === undefined; round += 1) {
      this.#wake = Promise.withResolvers();
      const next = this.#wake.promise.then(() => false);
      const quiet = delay(quietMs, true, { signal }).catch(() => true);
      if (await Promise.race([quiet, next])) return;
      await quiet;
    }
  }

  #note(path: string): void {
    this.#changed.add(path);
    this.#wake.resolve();
  }

  #fail(error: unknown): void {
    this.#failure ??= error;
    this.#wake.resolve();
  }
}
