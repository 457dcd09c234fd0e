import { selectionOf } from './selection.js';
import type { SyncedFile, SyncRequest, SyncSource } from './sync-source.js';

/** A directory of one file that is nowhere but in memory, or of none. */
export class MemorySource implements SyncSource {
  readonly #name: string;
  readonly #content: Uint8Array | undefined;
  /** Builders tell a changed file by its time. */
  readonly #made = BigInt(Date.now()) * 1_000_000n;

  constructor(name = '', content?: Uint8Array) {
    this.#name = name;
    this.#content = content;
  }

  async *files(request: SyncRequest): AsyncGenerator<SyncedFile> {
    const content = this.#content;
    if (!content || !selectionOf(request, request.follow).wants(this.#name)) return;
    yield {
      stat: {
        ...{ path: this.#name, mode: 0o600, size: content.length, modTime: this.#made, linkname: '' },
        ...{ uid: 0, gid: 0, devmajor: 0, devminor: 0, xattrs: new Map() },
      },
      content: async function* () {
        yield content;
      },
    };
  }
}
