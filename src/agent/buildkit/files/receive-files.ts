import { type packet, packetType } from '../../../buildkit/wire/session.js';
import type { GrpcStream } from '../../../grpc/client.js';
import type { MessageOf } from '../../../grpc/message.js';
import type { Digest } from '../../../shared/digest.js';
import type { ByteString } from '../../../shared/tar/tar-entry.js';
import type { ContextLimits } from '../../build/context/unpack-context.js';
import { buildTooLarge } from '../../build/errors.js';
import { syncFailed } from '../errors.js';
import { SyncedDirectory } from './synced-directory.js';

type Packet = MessageOf<typeof packet>;
export type PacketStream = GrpcStream<Partial<Packet>, Packet>;

export interface ReceiveOptions {
  /** What is in it already is not sent again; what the client does not name is removed. */
  readonly directory: string;
  /** Known digests of what is in it; kept up to date. */
  readonly digests: Map<ByteString, Digest>;
  readonly limits: ContextLimits;
  /** All bytes that have come so far. */
  readonly progress: (bytes: number) => void;
}

/**
 * The receiver of fsutil's protocol: the other side tells of each file, this one asks for the contents that it lacks.
 * Throws FILE_SYNC_FAILED, BUILD_TOO_LARGE.
 */
export async function receiveFiles(stream: PacketStream, options: ReceiveOptions): Promise<void> {
  const directory = new SyncedDirectory(options.directory, options.digests);
  try {
    await new Receiver(stream, directory, options).run();
  } finally {
    directory.dispose();
  }
}

class Receiver {
  readonly #stream: PacketStream;
  readonly #directory: SyncedDirectory;
  readonly #options: ReceiveOptions;
  /** Numbers of the files that are awaited. */
  readonly #missing = new Set<number>();
  #entries = 0;
  #bytes = 0;
  #allTold = false;
  #finished = false;

  constructor(stream: PacketStream, directory: SyncedDirectory, options: ReceiveOptions) {
    this.#stream = stream;
    this.#directory = directory;
    this.#options = options;
  }

  async run(): Promise<void> {
    for await (const packet of this.#stream.responses) {
      if (packet.type === packetType.error) throw syncFailed(Buffer.from(packet.data).toString());
      if (packet.type === packetType.finished) break;
      if (packet.type === packetType.stat) await this.#stat(packet);
      else if (packet.type === packetType.data) this.#data(packet);
      if (this.#allTold && this.#missing.size === 0) await this.#finish();
    }
    if (!this.#finished) throw syncFailed('the client ended before all files were there');
    this.#stream.end();
  }

  async #stat({ stat }: Packet): Promise<void> {
    if (!stat) {
      this.#allTold = true;
      return;
    }
    const number = this.#entries++;
    if (this.#entries > this.#options.limits.entries) {
      throw buildTooLarge('the build context', `${this.#options.limits.entries} entries`);
    }
    this.#count(stat.path.length);
    if (this.#directory.tell(number, stat) === 'there') return;
    this.#missing.add(number);
    await this.#stream.send({ type: packetType.request, ID: number });
  }

  #data({ ID, data }: Packet): void {
    if (!this.#missing.has(ID)) throw syncFailed(`the client sent file ${ID}, which was not asked for`);
    this.#count(data.length);
    if (data.length > 0) this.#directory.write(ID, data);
    else {
      this.#directory.end(ID);
      this.#missing.delete(ID);
    }
  }

  async #finish(): Promise<void> {
    if (this.#finished) return;
    this.#finished = true;
    this.#directory.finish();
    await this.#stream.send({ type: packetType.finished });
  }

  #count(length: number): void {
    this.#bytes += length;
    if (this.#bytes > this.#options.limits.bytes) {
      throw buildTooLarge('the build context', `${this.#options.limits.bytes} bytes`);
    }
    this.#options.progress(this.#bytes);
  }
}
