import { statusOf } from './domain-status.js';
import { isLibvirtError, VIR_ERR } from './errors.js';
import type { NativeInterface } from './library.js';
import type {
  AddressSource,
  Affect,
  CallOptions,
  Domain,
  DomainInfo,
  DomainInterface,
  DomainSnapshot,
  DomainStatus,
} from './libvirt.js';
import { NativeDomainSnapshot } from './native-domain-snapshot.js';
import { NativeObject } from './native-object.js';
import type { Pointer } from './prototypes.js';
import type { Session } from './session.js';
import type { Turn } from './turn.js';

/** VIR_DOMAIN_AFFECT_… */
const affects = { live: 1, config: 2, both: 3 } as const satisfies Record<Affect, number>;
const maximum = 4; // VIR_DOMAIN_MEM_MAXIMUM, VIR_DOMAIN_VCPU_MAXIMUM
const metadataElement = 2; // VIR_DOMAIN_METADATA_ELEMENT
/** VIR_DOMAIN_INTERFACE_ADDRESSES_SRC_… */
const addressSources = { lease: 0, agent: 1, arp: 2 } as const satisfies Record<AddressSource, number>;
const shutdownBySignal = 8; // VIR_DOMAIN_SHUTDOWN_SIGNAL
/** VIR_DOMAIN_UNDEFINE_…: managed save 1, snapshots' metadata 2, NVRAM 4, checkpoints' metadata 16, TPM 32. */
const undefineFlags = [1 | 2 | 4 | 16 | 32, 1 | 2 | 4 | 16, 1 | 2 | 4, 1 | 2, 1];

export class NativeDomain extends NativeObject implements Domain {
  readonly name: string;
  readonly uuid: string;

  constructor(session: Session, turn: Turn, pointer: Pointer) {
    const name = turn.name('virDomainGetName', pointer);
    super(session, pointer, 'virDomainFree', `domain "${name}"`);
    this.name = name;
    this.uuid = turn.uuid('virDomainGetUUIDString', pointer);
  }

  status(options?: CallOptions): Promise<DomainStatus> {
    return this.perform('tell the state of', options, async (turn, self) => {
      const [state, reason] = await turn.integers(2, 'virDomainGetState', (out) => [self, ...out, 0]);
      return statusOf(state ?? 0, reason ?? 0);
    });
  }

  info(options?: CallOptions): Promise<DomainInfo> {
    return this.perform('describe', options, async (turn, self) => {
      const info = Buffer.alloc(40); // struct _virDomainInfo
      await turn.status('virDomainGetInfo', self, info);
      return {
        maxMemoryKiB: Number(info.readBigUInt64LE(8)),
        memoryKiB: Number(info.readBigUInt64LE(16)),
        vcpus: info.readUInt16LE(24),
        cpuTimeNanoseconds: info.readBigUInt64LE(32),
      };
    });
  }

  isActive(options?: CallOptions): Promise<boolean> {
    return this.ask('tell the state of', options, 'virDomainIsActive');
  }

  isPersistent(options?: CallOptions): Promise<boolean> {
    return this.ask('describe', options, 'virDomainIsPersistent');
  }

  xml(
    which: { readonly inactive?: boolean; readonly secure?: boolean } = {},
    options?: CallOptions,
  ): Promise<string> {
    const flags = (which.secure ? 1 : 0) | (which.inactive ? 2 : 0); // VIR_DOMAIN_XML_…
    return this.read('describe', options, 'virDomainGetXMLDesc', flags);
  }

  create(options?: CallOptions): Promise<void> {
    return this.act('start', options, 'virDomainCreate');
  }

  /** The LXC driver takes a container without initctl for one that has heard: its init gets SIGTERM as well. */
  shutdown(options?: CallOptions): Promise<void> {
    return this.perform('shut down', options, async (turn, self) => {
      await turn.status('virDomainShutdown', self);
      if (turn.name('virConnectGetType', turn.connection) !== 'LXC') return;
      await turn.status('virDomainShutdownFlags', self, shutdownBySignal);
    });
  }

  reboot(options?: CallOptions): Promise<void> {
    return this.act('reboot', options, 'virDomainReboot', 0);
  }

  reset(options?: CallOptions): Promise<void> {
    return this.act('reset', options, 'virDomainReset', 0);
  }

  destroy(how: { readonly gracefully?: boolean } = {}, options?: CallOptions): Promise<void> {
    return this.act('destroy', options, 'virDomainDestroyFlags', how.gracefully ? 1 : 0);
  }

  suspend(options?: CallOptions): Promise<void> {
    return this.act('suspend', options, 'virDomainSuspend');
  }

  resume(options?: CallOptions): Promise<void> {
    return this.act('resume', options, 'virDomainResume');
  }

  managedSave(options?: CallOptions): Promise<void> {
    return this.act('save', options, 'virDomainManagedSave', 0);
  }

  hasManagedSave(options?: CallOptions): Promise<boolean> {
    return this.ask('describe', options, 'virDomainHasManagedSaveImage', 0);
  }

  /** Hypervisors refuse flags that they do not know: each step does without one more of them. */
  undefine(options?: CallOptions): Promise<void> {
    return this.perform('undefine', options, async (turn, self) => {
      for (const flags of undefineFlags) {
        const done = await turn.status('virDomainUndefineFlags', self, flags).catch((error: unknown) => {
          if (isLibvirtError(error, ...refusals)) return undefined;
          throw error;
        });
        if (done !== undefined) return;
      }
      await turn.status('virDomainUndefine', self);
    });
  }

  async autostart(options?: CallOptions): Promise<boolean> {
    const [on] = await this.perform('describe', options, (turn, self) =>
      turn.integers(1, 'virDomainGetAutostart', (out) => [self, ...out]),
    );
    return on !== 0;
  }

  setAutostart(autostart: boolean, options?: CallOptions): Promise<void> {
    return this.act('set autostart of', options, 'virDomainSetAutostart', autostart ? 1 : 0);
  }

  metadata(namespace: string, options?: CallOptions): Promise<string | undefined> {
    return this.perform('read metadata of', options, async (turn, self) => {
      const args = [self, metadataElement, namespace, 0];
      const text = await turn.pointerUnless(VIR_ERR.NO_DOMAIN_METADATA, 'virDomainGetMetadata', ...args);
      return text === undefined ? undefined : turn.library.takeText(text);
    });
  }

  setMetadata(namespace: string, key: string, xml: string | undefined, options?: CallOptions): Promise<void> {
    return this.perform('write metadata of', options, async (turn, self) => {
      const running = (await turn.status('virDomainIsActive', self)) > 0;
      const flags = running ? affects.both : affects.config;
      const args = [metadataElement, xml ?? null, key, namespace, flags];
      await turn.status('virDomainSetMetadata', self, ...args);
    });
  }

  setMemory(kib: number, affect: Affect, options?: CallOptions): Promise<void> {
    return this.act('set memory of', options, 'virDomainSetMemoryFlags', kib, affects[affect]);
  }

  setMaxMemory(kib: number, options?: CallOptions): Promise<void> {
    return this.act('set memory of', options, 'virDomainSetMemoryFlags', kib, affects.config | maximum);
  }

  setVcpus(count: number, affect: Affect, options?: CallOptions): Promise<void> {
    return this.act('set processors of', options, 'virDomainSetVcpusFlags', count, affects[affect]);
  }

  setMaxVcpus(count: number, options?: CallOptions): Promise<void> {
    return this.act('set processors of', options, 'virDomainSetVcpusFlags', count, affects.config | maximum);
  }

  attachDevice(xml: string, affect: Affect, options?: CallOptions): Promise<void> {
    return this.act('attach a device to', options, 'virDomainAttachDeviceFlags', xml, affects[affect]);
  }

  detachDevice(xml: string, affect: Affect, options?: CallOptions): Promise<void> {
    return this.act('detach a device from', options, 'virDomainDetachDeviceFlags', xml, affects[affect]);
  }

  interfaces(source: AddressSource, options?: CallOptions): Promise<readonly DomainInterface[]> {
    return this.perform('tell the addresses of', options, async (turn, self) => {
      const found = await turn.array('virDomainInterfaceAddresses', (list) => [
        ...[self, list, addressSources[source], 0],
      ]);
      return found.map((pointer) => {
        const read = interfaceOf(turn.library.readInterface(pointer));
        turn.library.callNow('virDomainInterfaceFree', pointer);
        return read;
      });
    });
  }

  agentCommand(command: string, options?: CallOptions): Promise<string> {
    const seconds = Math.ceil((options?.timeoutMs ?? 10_000) / 1000);
    return this.read('ask the agent of', options, 'virDomainQemuAgentCommand', command, seconds, 0);
  }

  snapshots(options?: CallOptions): Promise<readonly DomainSnapshot[]> {
    return this.perform('list snapshots of', options, async (turn, self, session) => {
      const found = await turn.array('virDomainListAllSnapshots', (list) => [self, list, 0]);
      return found.map((pointer) => new NativeDomainSnapshot(session, turn, pointer));
    });
  }

  findSnapshot(name: string, options?: CallOptions): Promise<DomainSnapshot | undefined> {
    return this.perform(`look for snapshot "${name}" of`, options, async (turn, self, session) => {
      const lookup = 'virDomainSnapshotLookupByName';
      const found = await turn.pointerUnless(VIR_ERR.NO_DOMAIN_SNAPSHOT, lookup, self, name, 0);
      return found === undefined ? undefined : new NativeDomainSnapshot(session, turn, found);
    });
  }

  currentSnapshot(options?: CallOptions): Promise<DomainSnapshot | undefined> {
    return this.perform('tell the current snapshot of', options, async (turn, self, session) => {
      const lookup = 'virDomainSnapshotCurrent';
      const found = await turn.pointerUnless(VIR_ERR.NO_DOMAIN_SNAPSHOT, lookup, self, 0);
      return found === undefined ? undefined : new NativeDomainSnapshot(session, turn, found);
    });
  }

  createSnapshot(xml: string, options?: CallOptions): Promise<DomainSnapshot> {
    return this.perform('make a snapshot of', options, async (turn, self, session) => {
      const made = await turn.pointer('virDomainSnapshotCreateXML', self, xml, 0);
      return new NativeDomainSnapshot(session, turn, made);
    });
  }
}

const refusals = [VIR_ERR.INVALID_ARG, VIR_ERR.ARGUMENT_UNSUPPORTED, VIR_ERR.NO_SUPPORT];

function interfaceOf({ name, hwaddr, addresses }: NativeInterface): DomainInterface {
  return {
    name,
    ...(hwaddr && { mac: hwaddr.toLowerCase() }),
    addresses: addresses.map(({ type, addr, prefix }) => ({
      family: type === 0 ? 'ipv4' : 'ipv6',
      address: addr,
      prefix,
    })),
  };
}
