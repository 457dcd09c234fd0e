import { type FileHandle, open } from 'node:fs/promises';
import { permissions } from '../../buildkit/go-file-mode.js';
import { type FileStat, packetType } from '../../buildkit/wire/session.js';
import { syncBroken } from '../errors.js';
import { OutputDirectory } from './output-directory.js';
import type { PacketStream } from './send-files.js';

/**
 * The receiver of fsutil's protocol: what the builder has made goes into a directory, over what is there already.
 * Throws BUILD_OUTPUT_UNSAFE, BUILD_SYNC_FAILED.
 */
export async function receiveDirectory(stream: PacketStream, directory: string): Promise<void> {
  await using receiver = new Receiver(stream, await OutputDirectory.open(directory));
  await receiver.run();
}

class Receiver implements AsyncDisposable {
  readonly #stream: PacketStream;
  readonly #output: OutputDirectory;
  readonly #awaited = new Map<number, AwaitedFile>();
  #told = 0;
  #state: 'telling' | 'told' | 'finished' = 'telling';

  constructor(stream: PacketStream, output: OutputDirectory) {
    this.#stream = stream;
    this.#output = output;
  }

  async run(): Promise<void> {
    for await (const { type, stat, ID, data } of this.#stream.requests) {
      if (type === packetType.error) throw syncBroken(Buffer.from(data).toString());
      if (type === packetType.finished) return;
      if (type === packetType.stat) await this.#tell(stat);
      else if (type === packetType.data) await this.#take(ID, data);
      if (this.#state === 'told' && this.#awaited.size === 0) await this.#finish();
    }
    throw syncBroken('the engine has left off before all files were there');
  }

  async #tell(stat: FileStat | undefined): Promise<void> {
    if (!stat) {
      this.#state = 'told';
      return;
    }
    const number = this.#told++;
    if ((await this.#output.tell(stat)) === 'done') return;
    this.#awaited.set(number, new AwaitedFile(this.#output.pathOf(stat), stat));
    await this.#stream.send({ type: packetType.request, ID: number });
  }

  async #take(number: number, data: Uint8Array): Promise<void> {
    const file = this.#awaited.get(number);
    if (!file) throw syncBroken(`the engine sent file ${number}, which was not asked for`);
    if (data.length > 0) return await file.write(data);
    this.#awaited.delete(number);
    await file.end();
  }

  async #finish(): Promise<void> {
    this.#state = 'finished';
    await this.#output.finish();
    await this.#stream.send({ type: packetType.finished });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const file of this.#awaited.values()) await file.close();
  }
}

class AwaitedFile {
  readonly #path: string;
  readonly #stat: FileStat;
  #file: FileHandle | undefined;

  constructor(path: string, stat: FileStat) {
    this.#path = path;
    this.#stat = stat;
  }

  async write(data: Uint8Array): Promise<void> {
    const file = await this.#open();
    await file.writeFile(data); // from where the last has ended
  }

  async end(): Promise<void> {
    const file = await this.#open();
    const seconds = Number(this.#stat.modTime) / 1e9;
    await file.chmod(permissions(this.#stat.mode));
    await file.utimes(seconds, seconds);
    await this.close();
  }

  async close(): Promise<void> {
    await this.#file?.close();
    this.#file = undefined;
  }

  /** New: what had its name was removed, and a link would lead elsewhere. */
  async #open(): Promise<FileHandle> {
    this.#file ??= await open(this.#path, 'wx', 0o600);
    return this.#file;
  }
}
