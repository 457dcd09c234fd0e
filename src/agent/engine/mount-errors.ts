import { type ErrorKind, TsmachineError } from '../../shared/errors.js';

/** Of mounts and what is mounted, in Docker's words. */

const error = (kind: ErrorKind, code: string, message: string, cause?: unknown) =>
  new TsmachineError(kind, code, message, cause === undefined ? {} : { cause });

export const bindSourceMissing = (path: string) =>
  error(
    'invalid-argument',
    'BIND_SOURCE_MISSING',
    `invalid mount config for type "bind": bind source path does not exist: ${path}`,
  );

export const volumeNotPopulated = (cause: TsmachineError) =>
  error(cause.kind, cause.code, `failed to populate volume: ${cause.message}`, cause);

export const readonlyRecursionMissing = () =>
  error('invalid-argument', 'MOUNT_INVALID', 'rro is not supported: requires kernel 5.12 or newer');

/** moby, internal/safepath. */
export const subpathInaccessible = (path: string, reason: string, cause: unknown) =>
  error('internal', 'SUBPATH_INACCESSIBLE', `cannot access path ${path}: ${reason}`, cause);

export const subpathEscapes = (path: string, subpath: string, cause: unknown) =>
  error(
    'internal',
    'SUBPATH_ESCAPES',
    `path concatenation escapes the base directory: base: ${path}, subpath: ${subpath}`,
    cause,
  );

/** moby, daemon/oci_linux.go. */
export const notPropagating = (path: string, mountPoint: string, kind: 'a shared' | 'a shared or slave') =>
  error(
    'invalid-argument',
    'PROPAGATION_IMPOSSIBLE',
    `path ${path} is mounted on ${mountPoint} but it is not ${kind} mount`,
  );

export const invalidMount = (type: string, reason: string) =>
  error('invalid-argument', 'MOUNT_INVALID', `invalid mount config for type "${type}": ${reason}`);

/** runc, libcontainer/rootfs_linux.go. */
export const hidesProc = (path: string) =>
  error(
    'internal',
    'MOUNT_INVALID',
    `failed to create task for container: failed to create shim task: OCI runtime create failed: ${
      path === '/proc'
        ? `"${path}" cannot be mounted because it is not of type proc`
        : `"${path}" cannot be mounted because it is inside /proc`
    }: unknown`,
  );

export const invalidVolumeSpec = (spec: string, reason = '') =>
  error(
    'invalid-argument',
    'MOUNT_INVALID',
    `invalid volume specification: '${spec}'${reason ? `: ${reason}` : ''}`,
  );

export const duplicateMount = (destination: string) =>
  error('invalid-argument', 'MOUNT_DUPLICATE', `Duplicate mount point: ${destination}`);
