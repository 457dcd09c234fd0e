import type { ByteRange, CallOptions, StorageVolume, StorageVolumeInfo } from './libvirt.js';
import { NativeObject } from './native-object.js';
import { NativeStream } from './native-stream.js';
import type { Pointer } from './prototypes.js';
import type { Session } from './session.js';
import type { Turn } from './turn.js';

/** virStorageVolType */
const types = ['file', 'block', 'dir', 'network', 'netdir', 'ploop'] as const;

export class NativeStorageVolume extends NativeObject implements StorageVolume {
  readonly name: string;
  readonly path: string;

  /** Asks for the path. Takes the reference in any case. */
  static async make(session: Session, turn: Turn, pointer: Pointer): Promise<NativeStorageVolume> {
    try {
      const path = await turn.text('virStorageVolGetPath', pointer);
      return new NativeStorageVolume(session, turn, pointer, path);
    } catch (error) {
      turn.library.callNow('virStorageVolFree', pointer);
      throw error;
    }
  }

  private constructor(session: Session, turn: Turn, pointer: Pointer, path: string) {
    const name = turn.name('virStorageVolGetName', pointer);
    super(session, pointer, 'virStorageVolFree', `volume "${name}"`);
    this.name = name;
    this.path = path;
  }

  xml(options?: CallOptions): Promise<string> {
    return this.read('describe', options, 'virStorageVolGetXMLDesc', 0);
  }

  info(options?: CallOptions): Promise<StorageVolumeInfo> {
    return this.perform('describe', options, async (turn, self) => {
      const info = Buffer.alloc(24); // struct _virStorageVolInfo
      await turn.status('virStorageVolGetInfo', self, info);
      return {
        type: types[info.readInt32LE(0)] ?? 'file',
        capacity: info.readBigUInt64LE(8),
        allocation: info.readBigUInt64LE(16),
      };
    });
  }

  resize(bytes: bigint, options?: CallOptions): Promise<void> {
    return this.perform('resize', options, async (turn, self) => {
      await turn.status('virStorageVolResize', self, bytes, 0);
    });
  }

  async upload(
    content: AsyncIterable<Uint8Array>,
    { offset, length }: ByteRange,
    options?: CallOptions,
  ): Promise<void> {
    await using stream = await this.perform('write to', options, (turn, self, session) =>
      NativeStream.open(session, turn, `volume "${this.name}"`, (opened) =>
        turn.status('virStorageVolUpload', self, opened, BigInt(offset), BigInt(length), 0),
      ),
    );
    for await (const bytes of content) await stream.send(bytes, options);
    await stream.finish(options);
  }

  async download({ offset, length }: ByteRange, options?: CallOptions): Promise<Uint8Array> {
    await using stream = await this.perform('read from', options, (turn, self, session) =>
      NativeStream.open(session, turn, `volume "${this.name}"`, (opened) =>
        turn.status('virStorageVolDownload', self, opened, BigInt(offset), BigInt(length), 0),
      ),
    );
    const content = await stream.receive(options);
    await stream.finish(options);
    return content;
  }

  delete(options?: CallOptions): Promise<void> {
    return this.act('delete', options, 'virStorageVolDelete', 0);
  }
}
