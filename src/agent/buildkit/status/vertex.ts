import { timestampOf } from '../../../buildkit/wire/control.js';
import { type Digest, digestOf } from '../../../shared/digest.js';
import { errorMessage } from '../../../shared/errors.js';
import type { StatusLog, StatusUpdate } from './status-log.js';

/** Beside a warning's text: more of it, where it is explained, and the place in the Dockerfile. */
export type WarningDetails = Omit<
  NonNullable<StatusUpdate['warnings']>[number],
  'vertex' | 'level' | 'short'
>;

/** One line of a build's progress, with its output and what is counted below it. */
export class Vertex {
  readonly digest: Digest;
  readonly #log: StatusLog;
  readonly #name: string;
  readonly #started = now();
  readonly #items = new Map<string, { readonly started: Time; told: number }>();
  #isCached = false;
  #isOver = false;

  /** `identity` tells it from the build's others. */
  constructor(log: StatusLog, name: string, identity: string) {
    this.#log = log;
    this.#name = name;
    this.digest = digestOf(identity);
    this.#tell({});
  }

  cached(): void {
    this.#isCached = true;
    this.#tell({});
  }

  completed(): void {
    this.#end({});
  }

  failed(error: unknown): void {
    this.#end({ error: errorMessage(error) });
  }

  async write(stream: 'stdout' | 'stderr', data: Uint8Array): Promise<void> {
    await this.#log.write(this.digest, stream === 'stdout' ? 1 : 2, data, now());
  }

  /** Bytes of a transfer, or only that it goes on; told at most ten times a second. */
  item(id: string, { current = 0, total = 0, done = false }): void {
    const timestamp = now();
    const item = this.#items.get(id) ?? { started: timestamp, told: 0 };
    this.#items.set(id, item);
    if (!done && Date.now() - item.told < 100) return;
    item.told = Date.now();
    const { started } = item;
    const status = { ID: id, vertex: this.digest, current, total, timestamp, started };
    this.#log.tell({ statuses: [{ ...status, ...(done && { completed: timestamp }) }] });
  }

  warn(short: string, more: WarningDetails = {}): void {
    this.#log.tell({ warnings: [{ ...more, vertex: this.digest, level: 1, short: Buffer.from(short) }] });
  }

  #end(result: { readonly error?: string }): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#tell({ completed: now(), ...result });
  }

  #tell(more: { readonly completed?: Time; readonly error?: string }): void {
    const { digest } = this;
    this.#log.tell({
      vertexes: [{ digest, name: this.#name, started: this.#started, cached: this.#isCached, ...more }],
    });
  }
}

type Time = ReturnType<typeof timestampOf>;

function now(): Time {
  return timestampOf(Date.now());
}
