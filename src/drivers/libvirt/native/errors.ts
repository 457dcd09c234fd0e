import { types } from 'node:util';
import { type ErrorKind, TsmachineError } from '../../../shared/errors.js';

/** virErrorNumber of libvirt/virterror.h: those that are told apart here or by callers. */
export const VIR_ERR = {
  INTERNAL_ERROR: 1,
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
  /** virErrorDomain: the part of libvirt that failed (7 is the connection, 10 QEMU, 12 the test driver, 17 LXC). */
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
  const [kind, code] = kindOf(fault);
  return new TsmachineError(kind, code, `libvirt cannot ${action}: ${fault.message}`, { cause: fault });
}

export function cannotConnect(uri: string, fault: LibvirtFault): TsmachineError {
  const [kind, code] = kindOf(fault);
  return new TsmachineError(kind, code, `cannot connect to libvirt at "${uri}": ${fault.message}`, {
    cause: fault,
    hints: connectHints(uri, fault.message),
  });
}

export function libraryMissing(file: string, cause: unknown): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'LIBVIRT_MISSING',
    `libvirt's library "${file}" cannot be loaded`,
    {
      cause,
      hints: [
        'on Debian and Ubuntu run "apt-get install libvirt0", on Fedora "dnf install libvirt-libs", on macOS "brew install libvirt"',
      ],
    },
  );
}

export function bindingUnusable(cause: unknown): TsmachineError {
  const platform = `${process.platform} on ${process.arch}`;
  return new TsmachineError('unavailable', 'LIBVIRT_MISSING', `libvirt cannot be called on ${platform}`, {
    cause,
    hints: ['install tsmachine again, with optional dependencies'],
  });
}

export function libraryTooOld(name: string, cause: unknown): TsmachineError {
  return new TsmachineError('not-implemented', 'LIBVIRT_TOO_OLD', `this machine's libvirt has no ${name}`, {
    cause,
    hints: ['install a current libvirt'],
  });
}

export function libvirtClosed(action: string, what: string): TsmachineError {
  return new TsmachineError('internal', 'LIBVIRT_CLOSED', `cannot ${action}: ${what} is closed`);
}

export function libvirtTimeout(action: string, uri: string, ms: number): TsmachineError {
  return new TsmachineError(
    'deadline-exceeded',
    'LIBVIRT_TIMEOUT',
    `libvirt at "${uri}" did not ${action} within ${ms / 1000}s`,
  );
}

export function libvirtSilent(action: string, uri: string): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'LIBVIRT_SILENT',
    `cannot ${action}: libvirt at "${uri}" has not answered the call before`,
  );
}

function kindOf({ libvirtCode, libvirtDomain }: LibvirtFault): readonly [kind: ErrorKind, code: string] {
  const broken = libvirtDomain === fromRpc && connectionCodes.includes(libvirtCode);
  if (broken) return ['unavailable', 'LIBVIRT_NO_CONNECTION'];
  return kinds.get(libvirtCode) ?? ['internal', 'LIBVIRT_ERROR'];
}

/** VIR_FROM_RPC: what the connection itself says, not the daemon at its end. */
const fromRpc = 7;
const connectionCodes: readonly number[] = [VIR_ERR.INTERNAL_ERROR, VIR_ERR.SYSTEM_ERROR, VIR_ERR.RPC];

function connectHints(uri: string, message: string): readonly string[] {
  const ssh = /^[a-z]+\+(ssh|libssh2?):\/\/([^/?]*)/.exec(uri);
  if (ssh) return [`check that "ssh ${ssh[2]}" logs in without asking, and that libvirt runs there`];
  if (/permission denied|polkit/i.test(message)) {
    return ['add your user to the group "libvirt" and log in again, or use qemu:///session'];
  }
  if (/no such file|connection refused/i.test(message)) {
    return ['start libvirt with "systemctl start libvirtd", or install it: libvirt-daemon-system'];
  }
  return [];
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
