import { types } from 'node:util';
import { type ErrorKind, TsmachineError } from '../../../shared/errors.js';

/** virErrorNumber of libvirt/virterror.h: those that are told apart here or by callers. */
export const VIR_ERR = {
  NO_SUPPORT: 3,
  UNKNOWN_HOST: 4,
  NO_CONNECT: 5,
  INVALID_CONN: 6,
  INVALID_DOMAIN: 7,
  INVALID_ARG: 8,
  OPERATION_FAILED: 9,
  XML_ERROR: 27,
  DOM_EXIST: 28,
  OPERATION_DENIED: 29,
  XML_DETAIL: 35,
  NETWORK_EXIST: 37,
  SYSTEM_ERROR: 38,
  RPC: 39,
  NO_DOMAIN: 42,
  NO_NETWORK: 43,
  AUTH_FAILED: 45,
  NO_STORAGE_POOL: 49,
  NO_STORAGE_VOL: 50,
  OPERATION_INVALID: 55,
  CONFIG_UNSUPPORTED: 67,
  OPERATION_TIMEOUT: 68,
  NO_DOMAIN_SNAPSHOT: 72,
  ARGUMENT_UNSUPPORTED: 74,
  OPERATION_ABORTED: 78,
  AUTH_CANCELLED: 79,
  NO_DOMAIN_METADATA: 80,
  OPERATION_UNSUPPORTED: 84,
  AGENT_UNRESPONSIVE: 86,
  RESOURCE_BUSY: 87,
  ACCESS_DENIED: 88,
  STORAGE_VOL_EXIST: 90,
  XML_INVALID_SCHEMA: 92,
  AUTH_UNAVAILABLE: 94,
  DEVICE_MISSING: 99,
} as const;

/** What libvirt itself said. */
export class LibvirtFault extends Error {
  /** virErrorNumber. */
  readonly libvirtCode: number;
  /** virErrorDomain: the part of libvirt that failed (7 is RPC, 10 QEMU, 12 the test driver, 29 LXC). */
  readonly libvirtDomain: number;

  constructor(code: number, domain: number, message: string) {
    super(message);
    this.name = 'LibvirtFault';
    this.libvirtCode = code;
    this.libvirtDomain = domain;
  }
}

/** What libvirt said, where it is libvirt that failed: `libvirtFault(error)?.libvirtCode === VIR_ERR.NO_DOMAIN`. */
export function libvirtFault(error: unknown): LibvirtFault | undefined {
  if (!types.isNativeError(error)) return undefined;
  if ('libvirtCode' in error) return error as LibvirtFault; // only the class above has it
  return libvirtFault(error.cause);
}

/** True where libvirt failed with one of these codes. */
export function isLibvirtError(error: unknown, ...codes: readonly number[]): boolean {
  const fault = libvirtFault(error);
  return fault !== undefined && codes.includes(fault.libvirtCode);
}

/** The error for what libvirt said when it was asked to `action` ("start domain \"a\""). */
export function libvirtError(action: string, fault: LibvirtFault): TsmachineError {
  const [kind, code] = kinds.get(fault.libvirtCode) ?? (['internal', 'LIBVIRT_ERROR'] as const);
  return new TsmachineError(kind, code, `libvirt cannot ${action}: ${fault.message}`, { cause: fault });
}

const kinds: ReadonlyMap<number, readonly [kind: ErrorKind, code: string]> = new Map([
  [VIR_ERR.NO_SUPPORT, ['not-implemented', 'LIBVIRT_NO_SUPPORT']],
  [VIR_ERR.UNKNOWN_HOST, ['unavailable', 'LIBVIRT_NO_CONNECTION']],
  [VIR_ERR.NO_CONNECT, ['unavailable', 'LIBVIRT_NO_CONNECTION']],
  [VIR_ERR.INVALID_CONN, ['unavailable', 'LIBVIRT_NO_CONNECTION']],
  [VIR_ERR.INVALID_ARG, ['invalid-argument', 'LIBVIRT_INVALID_ARGUMENT']],
  [VIR_ERR.XML_ERROR, ['invalid-argument', 'LIBVIRT_BAD_XML']],
  [VIR_ERR.XML_DETAIL, ['invalid-argument', 'LIBVIRT_BAD_XML']],
  [VIR_ERR.XML_INVALID_SCHEMA, ['invalid-argument', 'LIBVIRT_BAD_XML']],
  [VIR_ERR.DOM_EXIST, ['already-exists', 'LIBVIRT_EXISTS']],
  [VIR_ERR.NETWORK_EXIST, ['already-exists', 'LIBVIRT_EXISTS']],
  [VIR_ERR.STORAGE_VOL_EXIST, ['already-exists', 'LIBVIRT_EXISTS']],
  [VIR_ERR.NO_DOMAIN, ['not-found', 'LIBVIRT_NO_DOMAIN']],
  [VIR_ERR.NO_NETWORK, ['not-found', 'LIBVIRT_NO_NETWORK']],
  [VIR_ERR.NO_STORAGE_POOL, ['not-found', 'LIBVIRT_NO_STORAGE_POOL']],
  [VIR_ERR.NO_STORAGE_VOL, ['not-found', 'LIBVIRT_NO_STORAGE_VOLUME']],
  [VIR_ERR.NO_DOMAIN_SNAPSHOT, ['not-found', 'LIBVIRT_NO_SNAPSHOT']],
  [VIR_ERR.NO_DOMAIN_METADATA, ['not-found', 'LIBVIRT_NO_METADATA']],
  [VIR_ERR.DEVICE_MISSING, ['not-found', 'LIBVIRT_NO_DEVICE']],
  [VIR_ERR.AUTH_FAILED, ['unauthenticated', 'LIBVIRT_AUTH_FAILED']],
  [VIR_ERR.AUTH_CANCELLED, ['unauthenticated', 'LIBVIRT_AUTH_FAILED']],
  [VIR_ERR.AUTH_UNAVAILABLE, ['unauthenticated', 'LIBVIRT_AUTH_FAILED']],
  [VIR_ERR.OPERATION_DENIED, ['permission-denied', 'LIBVIRT_DENIED']],
  [VIR_ERR.ACCESS_DENIED, ['permission-denied', 'LIBVIRT_DENIED']],
  [VIR_ERR.OPERATION_INVALID, ['conflict', 'LIBVIRT_WRONG_STATE']],
  [VIR_ERR.RESOURCE_BUSY, ['conflict', 'LIBVIRT_BUSY']],
  [VIR_ERR.CONFIG_UNSUPPORTED, ['invalid-argument', 'LIBVIRT_UNSUPPORTED']],
  [VIR_ERR.ARGUMENT_UNSUPPORTED, ['not-implemented', 'LIBVIRT_UNSUPPORTED']],
  [VIR_ERR.OPERATION_UNSUPPORTED, ['not-implemented', 'LIBVIRT_UNSUPPORTED']],
  [VIR_ERR.OPERATION_TIMEOUT, ['deadline-exceeded', 'LIBVIRT_TIMEOUT']],
  [VIR_ERR.OPERATION_ABORTED, ['canceled', 'LIBVIRT_ABORTED']],
  [VIR_ERR.AGENT_UNRESPONSIVE, ['unavailable', 'LIBVIRT_AGENT_UNRESPONSIVE']],
]);
