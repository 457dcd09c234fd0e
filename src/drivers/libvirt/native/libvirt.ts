/**
 * What of libvirt's C library the drivers use, as values and promises.
 *
 * Every method takes `CallOptions` last, runs outside the event loop, and one after the other with all others of its
 * connection. Failures are TsmachineErrors that `libvirtFault()` of errors.ts looks into; whatever is called on a
 * connection or handle that is closed throws LIBVIRT_CLOSED. Handles are freed with their connection at the latest;
 * a long-lived connection frees them earlier with `await using`.
 */
export interface CallOptions {
  /** Gives up waiting with the signal's reason. The call itself cannot be taken back and may still take effect. */
  readonly signal?: AbortSignal | undefined;
  /** Default 60 s; LIBVIRT_TIMEOUT after it. */
  readonly timeoutMs?: number | undefined;
}

export interface Connection extends AsyncDisposable {
  /** As it was given to `openConnection`. */
  readonly uri: string;
  /** "QEMU", "LXC", "TEST". */
  type(options?: CallOptions): Promise<string>;
  hostname(options?: CallOptions): Promise<string>;
  /** Of the daemon's library: 9_000_000 is 9.0.0. */
  libraryVersion(options?: CallOptions): Promise<number>;
  capabilities(options?: CallOptions): Promise<string>;
  domainCapabilities(query: DomainCapabilitiesQuery, options?: CallOptions): Promise<string>;

  domains(options?: CallOptions): Promise<readonly Domain[]>;
  /** Undefined where there is none; other errors are thrown. */
  findDomain(
    by: { readonly name: string } | { readonly uuid: string },
    options?: CallOptions,
  ): Promise<Domain | undefined>;
  defineDomain(xml: string, options?: CallOptions): Promise<Domain>;
  /** A domain that is gone when it stops. */
  createTransientDomain(xml: string, options?: CallOptions): Promise<Domain>;

  networks(options?: CallOptions): Promise<readonly Network[]>;
  findNetwork(name: string, options?: CallOptions): Promise<Network | undefined>;
  defineNetwork(xml: string, options?: CallOptions): Promise<Network>;

  storagePools(options?: CallOptions): Promise<readonly StoragePool[]>;
  findStoragePool(
    by: { readonly name: string } | { readonly targetPath: string },
    options?: CallOptions,
  ): Promise<StoragePool | undefined>;
  defineStoragePool(xml: string, options?: CallOptions): Promise<StoragePool>;
  findVolumeByPath(path: string, options?: CallOptions): Promise<StorageVolume | undefined>;

  /** Frees every handle; a second call does nothing. Never throws, and never waits longer than five seconds. */
  close(): Promise<void>;
}

export interface DomainCapabilitiesQuery {
  readonly emulator?: string;
  readonly arch?: string;
  readonly machine?: string;
  readonly virtType?: string;
}

/** libvirt's virDomainState. */
export type DomainState =
  | 'nostate'
  | 'running'
  | 'blocked'
  | 'paused'
  | 'shutdown'
  | 'shutoff'
  | 'crashed'
  | 'pmsuspended';

export interface DomainStatus {
  readonly state: DomainState;
  /** libvirt's reason for the state in lower case ("user", "ioerror", "internal error", "crashed"). */
  readonly reason: string;
}

export interface DomainInfo {
  readonly maxMemoryKiB: number;
  readonly memoryKiB: number;
  readonly vcpus: number;
  readonly cpuTimeNanoseconds: bigint;
}

/** To which description of a domain a change goes: the one of its next start, the running one, or both. */
export type Affect = 'config' | 'live' | 'both';

export type AddressSource = 'lease' | 'agent' | 'arp';

export interface DomainInterface {
  /** Of the interface on the host ("vnet0") or, by the agent, in the guest ("eth0"). */
  readonly name: string;
  /** Lower case; absent where the source does not know it. */
  readonly mac?: string;
  readonly addresses: readonly {
    readonly family: 'ipv4' | 'ipv6';
    readonly address: string;
    readonly prefix: number;
  }[];
}

export interface Domain extends AsyncDisposable {
  readonly name: string;
  /** With dashes. */
  readonly uuid: string;
  status(options?: CallOptions): Promise<DomainStatus>;
  info(options?: CallOptions): Promise<DomainInfo>;
  isActive(options?: CallOptions): Promise<boolean>;
  isPersistent(options?: CallOptions): Promise<boolean>;
  xml(
    which?: { readonly inactive?: boolean; readonly secure?: boolean },
    options?: CallOptions,
  ): Promise<string>;

  /** Boots a defined domain, or restores it where it has a managed save. */
  create(options?: CallOptions): Promise<void>;
  /** Asks the guest, and does not wait for it. */
  shutdown(options?: CallOptions): Promise<void>;
  /** Asks the guest, and does not wait for it. */
  reboot(options?: CallOptions): Promise<void>;
  /** As the reset button. */
  reset(options?: CallOptions): Promise<void>;
  /** As the plug; `gracefully` lets the hypervisor write its caches first. */
  destroy(how?: { readonly gracefully?: boolean }, options?: CallOptions): Promise<void>;
  suspend(options?: CallOptions): Promise<void>;
  resume(options?: CallOptions): Promise<void>;
  managedSave(options?: CallOptions): Promise<void>;
  hasManagedSave(options?: CallOptions): Promise<boolean>;
  /** With managed save, snapshots' and checkpoints' metadata and NVRAM where the hypervisor has these. */
  undefine(options?: CallOptions): Promise<void>;

  autostart(options?: CallOptions): Promise<boolean>;
  setAutostart(autostart: boolean, options?: CallOptions): Promise<void>;
  /** The element that `setMetadata` stored under this namespace; undefined where there is none. */
  metadata(namespace: string, options?: CallOptions): Promise<string | undefined>;
  /** Of a persistent domain. Undefined as `xml` removes it. `key` is the prefix that libvirt writes. */
  setMetadata(namespace: string, key: string, xml: string | undefined, options?: CallOptions): Promise<void>;
  setMemory(kib: number, affect: Affect, options?: CallOptions): Promise<void>;
  /** Only in the configuration: a running domain's maximum cannot be changed. */
  setMaxMemory(kib: number, options?: CallOptions): Promise<void>;
  setVcpus(count: number, affect: Affect, options?: CallOptions): Promise<void>;
  /** Only in the configuration. */
  setMaxVcpus(count: number, options?: CallOptions): Promise<void>;
  attachDevice(xml: string, affect: Affect, options?: CallOptions): Promise<void>;
  detachDevice(xml: string, affect: Affect, options?: CallOptions): Promise<void>;
  /** Leases of domains that are gone stay listed for a time: match by MAC address. */
  interfaces(source: AddressSource, options?: CallOptions): Promise<readonly DomainInterface[]>;
  /** A command of qemu's guest agent and its answer, both JSON. */
  agentCommand(command: string, options?: CallOptions): Promise<string>;

  snapshots(options?: CallOptions): Promise<readonly DomainSnapshot[]>;
  findSnapshot(name: string, options?: CallOptions): Promise<DomainSnapshot | undefined>;
  /** Undefined where no snapshot is current. */
  currentSnapshot(options?: CallOptions): Promise<DomainSnapshot | undefined>;
  createSnapshot(xml: string, options?: CallOptions): Promise<DomainSnapshot>;
}

export interface DomainSnapshot extends AsyncDisposable {
  readonly name: string;
  xml(options?: CallOptions): Promise<string>;
  isCurrent(options?: CallOptions): Promise<boolean>;
  revert(options?: CallOptions): Promise<void>;
  delete(
    how?: { readonly withChildren?: boolean; readonly metadataOnly?: boolean },
    options?: CallOptions,
  ): Promise<void>;
}

export interface DhcpLease {
  readonly interfaceName: string;
  /** Lower case. */
  readonly mac: string | undefined;
  readonly address: string;
  readonly prefix: number;
  readonly hostname: string | undefined;
  /** Seconds since 1970. */
  readonly expires: number;
}

export interface Network extends AsyncDisposable {
  readonly name: string;
  readonly uuid: string;
  xml(options?: CallOptions): Promise<string>;
  isActive(options?: CallOptions): Promise<boolean>;
  /** Of the bridge device ("virbr0"). Throws where the network has none. */
  bridgeName(options?: CallOptions): Promise<string>;
  create(options?: CallOptions): Promise<void>;
  destroy(options?: CallOptions): Promise<void>;
  undefine(options?: CallOptions): Promise<void>;
  setAutostart(autostart: boolean, options?: CallOptions): Promise<void>;
  leases(mac?: string, options?: CallOptions): Promise<readonly DhcpLease[]>;
}

export interface StoragePoolInfo {
  readonly state: 'inactive' | 'building' | 'running' | 'degraded' | 'inaccessible';
  readonly capacity: bigint;
  readonly allocation: bigint;
  readonly available: bigint;
}

export interface StoragePool extends AsyncDisposable {
  readonly name: string;
  readonly uuid: string;
  xml(options?: CallOptions): Promise<string>;
  info(options?: CallOptions): Promise<StoragePoolInfo>;
  isActive(options?: CallOptions): Promise<boolean>;
  /** Makes the target (a directory for a pool of type dir). */
  build(options?: CallOptions): Promise<void>;
  create(options?: CallOptions): Promise<void>;
  destroy(options?: CallOptions): Promise<void>;
  undefine(options?: CallOptions): Promise<void>;
  setAutostart(autostart: boolean, options?: CallOptions): Promise<void>;
  /** Looks for files that something else has made. */
  refresh(options?: CallOptions): Promise<void>;
  volumes(options?: CallOptions): Promise<readonly StorageVolume[]>;
  findVolume(name: string, options?: CallOptions): Promise<StorageVolume | undefined>;
  createVolume(xml: string, options?: CallOptions): Promise<StorageVolume>;
}

export interface StorageVolumeInfo {
  readonly type: 'file' | 'block' | 'dir' | 'network' | 'netdir' | 'ploop';
  /** Bytes, as those below. */
  readonly capacity: bigint;
  readonly allocation: bigint;
}

/** Bytes. */
export interface ByteRange {
  readonly offset: number;
  readonly length: number;
}

export interface StorageVolume extends AsyncDisposable {
  readonly name: string;
  /** On the hypervisor's host. */
  readonly path: string;
  xml(options?: CallOptions): Promise<string>;
  info(options?: CallOptions): Promise<StorageVolumeInfo>;
  resize(bytes: bigint, options?: CallOptions): Promise<void>;
  /**
   * Writes the content as it comes; `timeoutMs` counts for each piece. When it fails, the volume holds whatever has
   * arrived.
   */
  upload(content: AsyncIterable<Uint8Array>, range: ByteRange, options?: CallOptions): Promise<void>;
  /** Less than the range where the volume ends before it; `timeoutMs` counts for each piece. */
  download(range: ByteRange, options?: CallOptions): Promise<Uint8Array>;
  delete(options?: CallOptions): Promise<void>;
}

/** `openConnection`, or what stands for it in a test. */
export type OpenConnection = (uri: string, options?: CallOptions) => Promise<Connection>;
