import { type packet, packetType } from '../../buildkit/wire/session.js';
import type { MessageOf } from '../../grpc/message.js';
import type { ServedStream } from '../../grpc/server.js';
import { errorMessage } from '../../shared/errors.js';
import { syncBroken } from '../errors.js';
import type { SyncedFile, SyncRequest, SyncSource } from './sync-source.js';

type Packet = MessageOf<typeof packet>;
export type PacketStream = ServedStream<Packet, Partial<Packet>>;

/** Small files wait for the disk rather than for each other. */
const filesAtOnce = 4;

/**
 * The sender of fsutil's protocol: tells the builder of each file that it wants, and sends the contents that it asks
 * for. `sent` is told of each piece. What goes wrong here is told to the builder, too.
 */
export async function sendFiles(
  stream: PacketStream,
  source: SyncSource,
  request: SyncRequest,
  sent: (bytes: number) => void,
): Promise<void> {
  try {
    await new Sender(stream, sent).run(source, request);
  } catch (error) {
    const data = Buffer.from(errorMessage(error));
    await stream.send({ type: packetType.error, data }).catch(() => {}); // it may be gone
    throw error;
  }
}

class Sender {
  readonly #stream: PacketStream;
  readonly #sent: (bytes: number) => void;
  readonly #files: SyncedFile[] = [];
  /** Of those that are being sent, and wait to be. */
  readonly #wanted: number[] = [];
  readonly #working = new Set<Promise<void>>();
  readonly #failed = Promise.withResolvers<never>();

  constructor(stream: PacketStream, sent: (bytes: number) => void) {
    this.#stream = stream;
    this.#sent = sent;
    this.#failed.promise.catch(() => {}); // awaited in `run`
  }

  async run(source: SyncSource, request: SyncRequest): Promise<void> {
    const telling = this.#tell(source, request);
    telling.catch(this.#failed.reject);
    await Promise.race([this.#answer(), this.#failed.promise]);
    await Promise.all([telling, ...this.#working]);
    await this.#stream.send({ type: packetType.finished });
  }

  async #tell(source: SyncSource, request: SyncRequest): Promise<void> {
    for await (const file of source.files(request)) {
      this.#files.push(file);
      await this.#stream.send({ type: packetType.stat, stat: file.stat });
    }
    await this.#stream.send({ type: packetType.stat });
  }

  /** Until the builder has all that it wants. */
  async #answer(): Promise<void> {
    for await (const { type, ID, data } of this.#stream.requests) {
      if (type === packetType.error) throw syncBroken(Buffer.from(data).toString());
      if (type === packetType.finished) return;
      if (type !== packetType.request) continue;
      this.#wanted.push(ID);
      if (this.#working.size < filesAtOnce) this.#begin();
    }
    throw syncBroken('the engine has left off');
  }

  #begin(): void {
    const work = this.#sendWanted().catch(this.#failed.reject);
    this.#working.add(work);
    void work.finally(() => this.#working.delete(work));
  }

  async #sendWanted(): Promise<void> {
    for (let ID = this.#wanted.shift(); ID !== undefined; ID = this.#wanted.shift()) {
      const file = this.#files[ID];
      if (!file) throw syncBroken(`the engine asks for file ${ID}, which it was not told of`);
      for await (const data of file.content()) {
        await this.#stream.send({ type: packetType.data, ID, data });
        this.#sent(data.length);
      }
      await this.#stream.send({ type: packetType.data, ID });
    }
  }
}
