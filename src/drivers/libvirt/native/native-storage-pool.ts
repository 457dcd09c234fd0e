import { isLibvirtError, VIR_ERR } from './errors.js';
import type { CallOptions, StoragePool, StoragePoolInfo, StorageVolume } from './libvirt.js';
import { NativeObject } from './native-object.js';
import { NativeStorageVolume } from './native-storage-volume.js';
import type { Pointer } from './prototypes.js';
import type { Session } from './session.js';
import type { Turn } from './turn.js';

/** virStoragePoolState */
const states = ['inactive', 'building', 'running', 'degraded', 'inaccessible'] as const;

export class NativeStoragePool extends NativeObject implements StoragePool {
  readonly name: string;
  readonly uuid: string;

  constructor(session: Session, turn: Turn, pointer: Pointer) {
    const name = turn.name('virStoragePoolGetName', pointer);
    super(session, pointer, 'virStoragePoolFree', `storage pool "${name}"`);
    this.name = name;
    this.uuid = turn.uuid('virStoragePoolGetUUIDString', pointer);
  }

  xml(options?: CallOptions): Promise<string> {
    return this.read('describe', options, 'virStoragePoolGetXMLDesc', 0);
  }

  info(options?: CallOptions): Promise<StoragePoolInfo> {
    return this.perform('describe', options, async (turn, self) => {
      const info = Buffer.alloc(32); // struct _virStoragePoolInfo
      await turn.status('virStoragePoolGetInfo', self, info);
      return {
        state: states[info.readInt32LE(0)] ?? 'inaccessible',
        capacity: info.readBigUInt64LE(8),
        allocation: info.readBigUInt64LE(16),
        available: info.readBigUInt64LE(24),
      };
    });
  }

  isActive(options?: CallOptions): Promise<boolean> {
    return this.ask('tell the state of', options, 'virStoragePoolIsActive');
  }

  build(options?: CallOptions): Promise<void> {
    return this.act('build', options, 'virStoragePoolBuild', 0);
  }

  create(options?: CallOptions): Promise<void> {
    return this.act('start', options, 'virStoragePoolCreate', 0);
  }

  destroy(options?: CallOptions): Promise<void> {
    return this.act('stop', options, 'virStoragePoolDestroy');
  }

  undefine(options?: CallOptions): Promise<void> {
    return this.act('undefine', options, 'virStoragePoolUndefine');
  }

  setAutostart(autostart: boolean, options?: CallOptions): Promise<void> {
    return this.act('set autostart of', options, 'virStoragePoolSetAutostart', autostart ? 1 : 0);
  }

  refresh(options?: CallOptions): Promise<void> {
    return this.act('refresh', options, 'virStoragePoolRefresh', 0);
  }

  volumes(options?: CallOptions): Promise<readonly StorageVolume[]> {
    return this.perform('list volumes of', options, async (turn, self, session) => {
      const found = await turn.array('virStoragePoolListAllVolumes', (list) => [self, list, 0]);
      const volumes: StorageVolume[] = [];
      for (const pointer of found) {
        // One that is deleted meanwhile has no path.
        const volume = await NativeStorageVolume.make(session, turn, pointer).catch(gone);
        if (volume) volumes.push(volume);
      }
      return volumes;
    });
  }

  findVolume(name: string, options?: CallOptions): Promise<StorageVolume | undefined> {
    return this.perform(`look for volume "${name}" in`, options, async (turn, self, session) => {
      const lookup = 'virStorageVolLookupByName';
      const found = await turn.pointerUnless(VIR_ERR.NO_STORAGE_VOL, lookup, self, name);
      return found === undefined ? undefined : await NativeStorageVolume.make(session, turn, found);
    });
  }

  createVolume(xml: string, options?: CallOptions): Promise<StorageVolume> {
    return this.perform('make a volume in', options, async (turn, self, session) => {
      const made = await turn.pointer('virStorageVolCreateXML', self, xml, 0);
      return await NativeStorageVolume.make(session, turn, made);
    });
  }
}

function gone(error: unknown): undefined {
  if (!isLibvirtError(error, VIR_ERR.NO_STORAGE_VOL)) throw error;
}
