import { type ErrorKind, TsmachineError } from '../../shared/errors.js';

/** Of Docker's legacy links, in its words (moby, daemon/links and daemon/container_operations_unix.go). */

const error = (kind: ErrorKind, code: string, message: string) => new TsmachineError(kind, code, message);

export const linkToHostNetwork = () =>
  error(
    'invalid-argument',
    'OPTION_INVALID',
    "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
  );

export const linkToStopped = (name: string, linkName: string) =>
  error('internal', 'LINK_NOT_RUNNING', `Cannot link to a non running container: /${name} AS ${linkName}`);

export const notOnDefaultBridge = (id: string) =>
  error('internal', 'LINK_NOT_ON_BRIDGE', `container ${id} not attached to default bridge network`);

export const noSuchLink = (name: string) =>
  error('not-found', 'LINK_NOT_FOUND', `Cannot get parent of link: no such link: ${name}`);
