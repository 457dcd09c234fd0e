import { type FileHandle, open } from 'node:fs/promises';
import { type FileStat, packetType } from '../../buildkit/wire/session.js';
import { permissions } from '../../buildkit/go-file-mode.js';
import { syncBroken } from '../errors.js';
import { OutputDirectory } from './output-directory.js';
import type { PacketStream } from './send-files.js';

/**
 * The receiver of fsutil's protocol: what the builder has made goes into a directory, over what is there already.
 * Throws BUILD_OUTPUT_UNSAFE, BUILD_SYNC_FAILED.
 */
export async function receiveDirectory(stream: PacketStream, directory: string): Promise<void> {
  const output = await OutputDirectory.open(directory);
  const awaited = new Map<number, AwaitedFile>();
  let number = 0;
  let allTold = false;
  try {
    for await (const { type, stat, ID, data } of stream.requests) {
      if (type === packetType.error) throw syncBroken(Buffer.from(data).toString());
      if (type === packetType.finished) return;
      if (type === packetType.stat && !stat) allTold = true;
      else if (type === packetType.stat && stat) {
        const at = number++;
        if ((await output.tell(stat)) === 'content') {
          awaited.set(at, new AwaitedFile(output.pathOf(stat), stat));
          await stream.send({ type: packetType.request, ID: at });
        }
      } else if (type === packetType.data) await take(awaited, ID, data);
      if (allTold && awaited.size === 0) {
        await output.finish();
        await stream.send({ type: packetType.finished });
        allTold = false; // said once
      }
    }
    throw syncBroken('the engine has left off before all files were there');
  } finally {
    for (const file of awaited.values()) await file.close();
  }
}

async function take(awaited: Map<number, AwaitedFile>, number: number, data: Uint8Array): Promise<void> {
  const file = awaited.get(number);
  if (!file) throw syncBroken(`the engine sent file ${number}, which was not asked for`);
  if (data.length > 0) return await file.write(data);
  awaited.delete(number);
  await file.end();
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
