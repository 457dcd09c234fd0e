import { type ErrorKind, TsmachineError } from '../../shared/errors.js';

/** Of containers that join namespaces of others, mostly in Docker's words. */

const error = (kind: ErrorKind, code: string, message: string, cause?: unknown) =>
  new TsmachineError(kind, code, message, cause === undefined ? {} : { cause });

export const joinsStopped = (id: string) =>
  error(
    'conflict',
    'CONTAINER_NOT_RUNNING',
    `cannot join network namespace of a non running container: ${id}`,
  );

/** moby, daemon/oci_linux.go: a start that cannot be is a fault of the system there. */
export const cannotJoin = (name: 'PID' | 'IPC', cause: TsmachineError) =>
  error('internal', 'NAMESPACE_NOT_JOINED', `failed to join ${name} namespace: ${cause.message}`, cause);

export const notShareable = (id: string) =>
  new TsmachineError(
    'invalid-argument',
    'IPC_NOT_SHAREABLE',
    `can't join IPC of container ${id}: non-shareable IPC (hint: use IpcMode:shareable for the donor container)`,
  );

export const userNamespacesDiffer = (id: string) =>
  new TsmachineError(
    'invalid-argument',
    'USER_NAMESPACES_DIFFER',
    `cannot join a namespace of container ${id}: it has another user namespace (hint: use --userns=host)`,
  );
