import { EventEmitter } from 'node:events';
import { type FSWatcher, watch } from 'node:fs';

/** Tells when files of one directory appear or change (inotify). `close` it when it is not used any more. */
export class DirectoryWatch {
  readonly #events = new EventEmitter<Record<string, []>>().setMaxListeners(0);
  readonly #watcher: FSWatcher;

  /** The directory must exist. It does not keep the process alive. */
  constructor(directory: string) {
    this.#watcher = watch(directory, { persistent: false }, (_event, name) => {
      if (name !== null) this.#events.emit(eventOf(name));
    });
    this.#watcher.on('error', () => {}); // the directory has been removed
  }

  /**
   * Asks `read` now and after every change of the file of that name, until it answers something. No change is
   * missed in between. Rejects on abort.
   */
  async until<T>(name: string, read: () => T | undefined, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    const look = (): void => {
      try {
        const answer = read();
        if (answer !== undefined) resolve(answer);
      } catch (error) {
        reject(error);
      }
    };
    const abort = (): void => reject(signal.reason);
    // Listening comes before reading: a change in between is then an event that has already arrived.
    this.#events.on(eventOf(name), look);
    signal.addEventListener('abort', abort, { once: true });
    look();
    try {
      return await promise;
    } finally {
      this.#events.off(eventOf(name), look);
      signal.removeEventListener('abort', abort);
    }
  }

  close(): void {
    this.#watcher.close();
  }
}

/** An emitter treats the name "error" specially; a file may have it. */
function eventOf(name: string): string {
  return `changed ${name}`;
}
