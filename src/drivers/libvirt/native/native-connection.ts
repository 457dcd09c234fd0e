import { VIR_ERR } from './errors.js';
import type {
  CallOptions,
  Connection,
  Domain,
  DomainCapabilitiesQuery,
  Network,
  StoragePool,
  StorageVolume,
} from './libvirt.js';
import { NativeDomain } from './native-domain.js';
import { NativeNetwork } from './native-network.js';
import { NativeStoragePool } from './native-storage-pool.js';
import { NativeStorageVolume } from './native-storage-volume.js';
import type { Session } from './session.js';

export class NativeConnection implements Connection {
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  get uri(): string {
    return this.#session.uri;
  }

  type(options?: CallOptions): Promise<string> {
    return this.#session.perform('say what it is', options, async (turn) =>
      turn.name('virConnectGetType', turn.connection),
    );
  }

  hostname(options?: CallOptions): Promise<string> {
    return this.#session.perform("tell its host's name", options, (turn) =>
      turn.text('virConnectGetHostname', turn.connection),
    );
  }

  libraryVersion(options?: CallOptions): Promise<number> {
    return this.#session.perform('tell its version', options, async (turn) => {
      const version = Buffer.alloc(8);
      await turn.status('virConnectGetLibVersion', turn.connection, version);
      return Number(version.readBigUInt64LE(0));
    });
  }

  capabilities(options?: CallOptions): Promise<string> {
    return this.#session.perform('tell its capabilities', options, (turn) =>
      turn.text('virConnectGetCapabilities', turn.connection),
    );
  }

  domainCapabilities(query: DomainCapabilitiesQuery, options?: CallOptions): Promise<string> {
    const { emulator = null, arch = null, machine = null, virtType = null } = query;
    return this.#session.perform('tell what domains can be made', options, (turn) =>
      turn.text(
        'virConnectGetDomainCapabilities',
        ...[turn.connection, emulator, arch, machine, virtType, 0],
      ),
    );
  }

  domains(options?: CallOptions): Promise<readonly Domain[]> {
    return this.#session.perform('list domains', options, async (turn) => {
      const found = await turn.array('virConnectListAllDomains', (list) => [turn.connection, list, 0]);
      return found.map((pointer) => new NativeDomain(this.#session, turn, pointer));
    });
  }

  findDomain(
    by: { readonly name: string } | { readonly uuid: string },
    options?: CallOptions,
  ): Promise<Domain | undefined> {
    const key = 'name' in by ? by.name : by.uuid;
    const lookup = 'name' in by ? 'virDomainLookupByName' : 'virDomainLookupByUUIDString';
    return this.#session.perform(`look for domain "${key}"`, options, async (turn) => {
      const found = await turn.pointerUnless(VIR_ERR.NO_DOMAIN, lookup, turn.connection, key);
      return found === undefined ? undefined : new NativeDomain(this.#session, turn, found);
    });
  }

  defineDomain(xml: string, options?: CallOptions): Promise<Domain> {
    return this.#session.perform('define the domain', options, async (turn) => {
      const made = await turn.pointer('virDomainDefineXML', turn.connection, xml);
      return new NativeDomain(this.#session, turn, made);
    });
  }

  createTransientDomain(xml: string, options?: CallOptions): Promise<Domain> {
    return this.#session.perform('start the domain', options, async (turn) => {
      const made = await turn.pointer('virDomainCreateXML', turn.connection, xml, 0);
      return new NativeDomain(this.#session, turn, made);
    });
  }

  networks(options?: CallOptions): Promise<readonly Network[]> {
    return this.#session.perform('list networks', options, async (turn) => {
      const found = await turn.array('virConnectListAllNetworks', (list) => [turn.connection, list, 0]);
      return found.map((pointer) => new NativeNetwork(this.#session, turn, pointer));
    });
  }

  findNetwork(name: string, options?: CallOptions): Promise<Network | undefined> {
    return this.#session.perform(`look for network "${name}"`, options, async (turn) => {
      const lookup = 'virNetworkLookupByName';
      const found = await turn.pointerUnless(VIR_ERR.NO_NETWORK, lookup, turn.connection, name);
      return found === undefined ? undefined : new NativeNetwork(this.#session, turn, found);
    });
  }

  defineNetwork(xml: string, options?: CallOptions): Promise<Network> {
    return this.#session.perform('define the network', options, async (turn) => {
      const made = await turn.pointer('virNetworkDefineXML', turn.connection, xml);
      return new NativeNetwork(this.#session, turn, made);
    });
  }

  storagePools(options?: CallOptions): Promise<readonly StoragePool[]> {
    return this.#session.perform('list storage pools', options, async (turn) => {
      const found = await turn.array('virConnectListAllStoragePools', (list) => [turn.connection, list, 0]);
      return found.map((pointer) => new NativeStoragePool(this.#session, turn, pointer));
    });
  }

  findStoragePool(
    by: { readonly name: string } | { readonly targetPath: string },
    options?: CallOptions,
  ): Promise<StoragePool | undefined> {
    const key = 'name' in by ? by.name : by.targetPath;
    const lookup = 'name' in by ? 'virStoragePoolLookupByName' : 'virStoragePoolLookupByTargetPath';
    return this.#session.perform(`look for storage pool "${key}"`, options, async (turn) => {
      const found = await turn.pointerUnless(VIR_ERR.NO_STORAGE_POOL, lookup, turn.connection, key);
      return found === undefined ? undefined : new NativeStoragePool(this.#session, turn, found);
    });
  }

  defineStoragePool(xml: string, options?: CallOptions): Promise<StoragePool> {
    return this.#session.perform('define the storage pool', options, async (turn) => {
      const made = await turn.pointer('virStoragePoolDefineXML', turn.connection, xml, 0);
      return new NativeStoragePool(this.#session, turn, made);
    });
  }

  findVolumeByPath(path: string, options?: CallOptions): Promise<StorageVolume | undefined> {
    return this.#session.perform(`look for volume "${path}"`, options, async (turn) => {
      const lookup = 'virStorageVolLookupByPath';
      const found = await turn.pointerUnless(VIR_ERR.NO_STORAGE_VOL, lookup, turn.connection, path);
      return found === undefined ? undefined : await NativeStorageVolume.make(this.#session, turn, found);
    });
  }

  close(): Promise<void> {
    return this.#session.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
