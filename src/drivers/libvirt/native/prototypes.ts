/**
 * The functions of libvirt's that are called, as its headers declare them. Pointers are `void *`; text that the
 * library owns is `const char *`, text that the caller must free is `void *`.
 */
export const prototypes = {
  virInitialize: 'int virInitialize()',
  virConnectOpen: 'void *virConnectOpen(const char *uri)',
  virConnectClose: 'int virConnectClose(void *conn)',
  virConnectGetType: 'const char *virConnectGetType(void *conn)',
  virConnectGetHostname: 'void *virConnectGetHostname(void *conn)',
  virConnectGetLibVersion: 'int virConnectGetLibVersion(void *conn, void *version)',
  virConnectGetCapabilities: 'void *virConnectGetCapabilities(void *conn)',
  virConnectGetDomainCapabilities:
    'void *virConnectGetDomainCapabilities(void *conn, const char *emulator, const char *arch, const char *machine, const char *virttype, unsigned int flags)',
  virConnectListAllDomains: 'int virConnectListAllDomains(void *conn, void *list, unsigned int flags)',
  virConnectListAllNetworks: 'int virConnectListAllNetworks(void *conn, void *list, unsigned int flags)',
  virConnectListAllStoragePools:
    'int virConnectListAllStoragePools(void *conn, void *list, unsigned int flags)',

  virDomainLookupByName: 'void *virDomainLookupByName(void *conn, const char *name)',
  virDomainLookupByUUIDString: 'void *virDomainLookupByUUIDString(void *conn, const char *uuid)',
  virDomainDefineXML: 'void *virDomainDefineXML(void *conn, const char *xml)',
  virDomainCreateXML: 'void *virDomainCreateXML(void *conn, const char *xml, unsigned int flags)',
  virDomainFree: 'int virDomainFree(void *domain)',
  virDomainGetName: 'const char *virDomainGetName(void *domain)',
  virDomainGetUUIDString: 'int virDomainGetUUIDString(void *domain, void *buffer)',
  virDomainGetState: 'int virDomainGetState(void *domain, void *state, void *reason, unsigned int flags)',
  virDomainGetInfo: 'int virDomainGetInfo(void *domain, void *info)',
  virDomainIsActive: 'int virDomainIsActive(void *domain)',
  virDomainIsPersistent: 'int virDomainIsPersistent(void *domain)',
  virDomainGetXMLDesc: 'void *virDomainGetXMLDesc(void *domain, unsigned int flags)',
  virDomainCreate: 'int virDomainCreate(void *domain)',
  virDomainShutdown: 'int virDomainShutdown(void *domain)',
  virDomainShutdownFlags: 'int virDomainShutdownFlags(void *domain, unsigned int flags)',
  virDomainReboot: 'int virDomainReboot(void *domain, unsigned int flags)',
  virDomainReset: 'int virDomainReset(void *domain, unsigned int flags)',
  virDomainDestroyFlags: 'int virDomainDestroyFlags(void *domain, unsigned int flags)',
  virDomainSuspend: 'int virDomainSuspend(void *domain)',
  virDomainResume: 'int virDomainResume(void *domain)',
  virDomainManagedSave: 'int virDomainManagedSave(void *domain, unsigned int flags)',
  virDomainHasManagedSaveImage: 'int virDomainHasManagedSaveImage(void *domain, unsigned int flags)',
  virDomainUndefine: 'int virDomainUndefine(void *domain)',
  virDomainUndefineFlags: 'int virDomainUndefineFlags(void *domain, unsigned int flags)',
  virDomainGetAutostart: 'int virDomainGetAutostart(void *domain, void *autostart)',
  virDomainSetAutostart: 'int virDomainSetAutostart(void *domain, int autostart)',
  virDomainGetMetadata:
    'void *virDomainGetMetadata(void *domain, int type, const char *uri, unsigned int flags)',
  virDomainSetMetadata:
    'int virDomainSetMetadata(void *domain, int type, const char *metadata, const char *key, const char *uri, unsigned int flags)',
  virDomainSetMemoryFlags:
    'int virDomainSetMemoryFlags(void *domain, unsigned long memory, unsigned int flags)',
  virDomainSetVcpusFlags: 'int virDomainSetVcpusFlags(void *domain, unsigned int vcpus, unsigned int flags)',
  virDomainAttachDeviceFlags:
    'int virDomainAttachDeviceFlags(void *domain, const char *xml, unsigned int flags)',
  virDomainDetachDeviceFlags:
    'int virDomainDetachDeviceFlags(void *domain, const char *xml, unsigned int flags)',
  virDomainInterfaceAddresses:
    'int virDomainInterfaceAddresses(void *domain, void *list, unsigned int source, unsigned int flags)',
  virDomainInterfaceFree: 'void virDomainInterfaceFree(void *interface)',
  virDomainQemuAgentCommand:
    'void *virDomainQemuAgentCommand(void *domain, const char *command, int timeout, unsigned int flags)',

  virDomainListAllSnapshots: 'int virDomainListAllSnapshots(void *domain, void *list, unsigned int flags)',
  virDomainSnapshotLookupByName:
    'void *virDomainSnapshotLookupByName(void *domain, const char *name, unsigned int flags)',
  virDomainSnapshotCurrent: 'void *virDomainSnapshotCurrent(void *domain, unsigned int flags)',
  virDomainHasCurrentSnapshot: 'int virDomainHasCurrentSnapshot(void *domain, unsigned int flags)',
  virDomainSnapshotCreateXML:
    'void *virDomainSnapshotCreateXML(void *domain, const char *xml, unsigned int flags)',
  virDomainSnapshotFree: 'int virDomainSnapshotFree(void *snapshot)',
  virDomainSnapshotGetName: 'const char *virDomainSnapshotGetName(void *snapshot)',
  virDomainSnapshotGetXMLDesc: 'void *virDomainSnapshotGetXMLDesc(void *snapshot, unsigned int flags)',
  virDomainSnapshotIsCurrent: 'int virDomainSnapshotIsCurrent(void *snapshot, unsigned int flags)',
  virDomainRevertToSnapshot: 'int virDomainRevertToSnapshot(void *snapshot, unsigned int flags)',
  virDomainSnapshotDelete: 'int virDomainSnapshotDelete(void *snapshot, unsigned int flags)',

  virNetworkLookupByName: 'void *virNetworkLookupByName(void *conn, const char *name)',
  virNetworkDefineXML: 'void *virNetworkDefineXML(void *conn, const char *xml)',
  virNetworkFree: 'int virNetworkFree(void *network)',
  virNetworkGetName: 'const char *virNetworkGetName(void *network)',
  virNetworkGetUUIDString: 'int virNetworkGetUUIDString(void *network, void *buffer)',
  virNetworkGetXMLDesc: 'void *virNetworkGetXMLDesc(void *network, unsigned int flags)',
  virNetworkIsActive: 'int virNetworkIsActive(void *network)',
  virNetworkGetBridgeName: 'void *virNetworkGetBridgeName(void *network)',
  virNetworkCreate: 'int virNetworkCreate(void *network)',
  virNetworkDestroy: 'int virNetworkDestroy(void *network)',
  virNetworkUndefine: 'int virNetworkUndefine(void *network)',
  virNetworkSetAutostart: 'int virNetworkSetAutostart(void *network, int autostart)',
  virNetworkGetDHCPLeases:
    'int virNetworkGetDHCPLeases(void *network, const char *mac, void *list, unsigned int flags)',
  virNetworkDHCPLeaseFree: 'void virNetworkDHCPLeaseFree(void *lease)',

  virStoragePoolLookupByName: 'void *virStoragePoolLookupByName(void *conn, const char *name)',
  virStoragePoolLookupByTargetPath: 'void *virStoragePoolLookupByTargetPath(void *conn, const char *path)',
  virStoragePoolDefineXML: 'void *virStoragePoolDefineXML(void *conn, const char *xml, unsigned int flags)',
  virStoragePoolFree: 'int virStoragePoolFree(void *pool)',
  virStoragePoolGetName: 'const char *virStoragePoolGetName(void *pool)',
  virStoragePoolGetUUIDString: 'int virStoragePoolGetUUIDString(void *pool, void *buffer)',
  virStoragePoolGetXMLDesc: 'void *virStoragePoolGetXMLDesc(void *pool, unsigned int flags)',
  virStoragePoolGetInfo: 'int virStoragePoolGetInfo(void *pool, void *info)',
  virStoragePoolIsActive: 'int virStoragePoolIsActive(void *pool)',
  virStoragePoolBuild: 'int virStoragePoolBuild(void *pool, unsigned int flags)',
  virStoragePoolCreate: 'int virStoragePoolCreate(void *pool, unsigned int flags)',
  virStoragePoolDestroy: 'int virStoragePoolDestroy(void *pool)',
  virStoragePoolUndefine: 'int virStoragePoolUndefine(void *pool)',
  virStoragePoolSetAutostart: 'int virStoragePoolSetAutostart(void *pool, int autostart)',
  virStoragePoolRefresh: 'int virStoragePoolRefresh(void *pool, unsigned int flags)',
  virStoragePoolListAllVolumes:
    'int virStoragePoolListAllVolumes(void *pool, void *list, unsigned int flags)',

  virStorageVolLookupByName: 'void *virStorageVolLookupByName(void *pool, const char *name)',
  virStorageVolLookupByPath: 'void *virStorageVolLookupByPath(void *conn, const char *path)',
  virStorageVolCreateXML: 'void *virStorageVolCreateXML(void *pool, const char *xml, unsigned int flags)',
  virStorageVolFree: 'int virStorageVolFree(void *volume)',
  virStorageVolGetName: 'const char *virStorageVolGetName(void *volume)',
  virStorageVolGetPath: 'void *virStorageVolGetPath(void *volume)',
  virStorageVolGetXMLDesc: 'void *virStorageVolGetXMLDesc(void *volume, unsigned int flags)',
  virStorageVolGetInfo: 'int virStorageVolGetInfo(void *volume, void *info)',
  virStorageVolResize: 'int virStorageVolResize(void *volume, uint64_t capacity, unsigned int flags)',
  virStorageVolDelete: 'int virStorageVolDelete(void *volume, unsigned int flags)',
  virStorageVolUpload:
    'int virStorageVolUpload(void *volume, void *stream, uint64_t offset, uint64_t length, unsigned int flags)',
  virStorageVolDownload:
    'int virStorageVolDownload(void *volume, void *stream, uint64_t offset, uint64_t length, unsigned int flags)',

  virStreamNew: 'void *virStreamNew(void *conn, unsigned int flags)',
  virStreamFree: 'int virStreamFree(void *stream)',
  virStreamSend: 'int virStreamSend(void *stream, void *data, size_t length)',
  virStreamRecv: 'int virStreamRecv(void *stream, void *data, size_t length)',
  virStreamFinish: 'int virStreamFinish(void *stream)',
  virStreamAbort: 'int virStreamAbort(void *stream)',
} as const;

export type FunctionName = keyof typeof prototypes;

/** A native address; never 0. */
export type Pointer = bigint;
export type Argument = Pointer | number | string | Uint8Array | null;

/** What the function answers, by its prototype. Null is C's NULL. */
export type ResultOf<F extends FunctionName> = (typeof prototypes)[F] extends `int ${string}`
  ? number
  : (typeof prototypes)[F] extends `const char *${string}`
    ? string | null
    : (typeof prototypes)[F] extends `void *${string}`
      ? Pointer | null
      : undefined;

type FunctionsThatAnswer<R> = {
  [F in FunctionName]: [ResultOf<F>, R] extends [R, ResultOf<F>] ? F : never;
}[FunctionName];
/** Negative when it fails. */
export type StatusFunction = FunctionsThatAnswer<number>;
/** NULL when it fails. */
export type PointerFunction = FunctionsThatAnswer<Pointer | null>;
export type NameFunction = FunctionsThatAnswer<string | null>;
export type FreeFunction = Extract<StatusFunction, `${string}Free`>;
