import { types } from 'node:util';
import { isTsmachineError, systemErrorCode } from '../shared/errors.js';
import { sshAuthenticationFailed, sshUnreachable } from './errors.js';
import type { SshEndpoint } from './transport.js';

export interface LoginProgress {
  /** The key exchange is done: what fails now is the login. */
  readonly handshake: boolean;
  /** What was or would be logged in with. */
  readonly tried: readonly string[];
  /** What nobody could be asked for, and how to give it. */
  readonly missing: readonly string[];
  readonly advice: readonly string[];
}

/** The words for what ended an attempt to connect; `error` is undefined when the other side just closed. */
export function connectionFailure(endpoint: SshEndpoint, error: unknown, progress: LoginProgress): unknown {
  if (isTsmachineError(error)) return error;
  if (error instanceof DOMException && error.name === 'TimeoutError') {
    return sshUnreachable(endpoint, progress.handshake ? 'timed out while logging in' : 'timed out', error);
  }
  if (error instanceof DOMException) return error; // the caller's own abort
  if (progress.handshake) return sshAuthenticationFailed(endpoint, progress, error);
  return sshUnreachable(endpoint, reason(error), error);
}

const systemReasons = new Map([
  ['ECONNREFUSED', 'connection refused'],
  ['ETIMEDOUT', 'timed out'],
  ['ENOTFOUND', 'no such host'],
  ['EAI_AGAIN', 'its name cannot be resolved now'],
  ['EHOSTUNREACH', 'no route to the host'],
  ['ENETUNREACH', 'no route to its network'],
  ['ECONNRESET', 'the connection was reset'],
]);

function reason(error: unknown): string {
  if (!types.isNativeError(error)) return 'it closed the connection before the SSH handshake';
  const known = systemReasons.get(systemErrorCode(error) ?? '');
  if (known) return known;
  if (/^Handshake failed: no matching/.test(error.message))
    return error.message.replace('Handshake failed: ', '');
  if (/identification|before handshake|bad packet|protocol/i.test(error.message))
    return 'it is not an SSH server';
  const refused = /^\(SSH\) Channel open failure: (.*)/.exec(error.message)?.[1]; // by a jump host
  return refused?.toLowerCase() ?? error.message;
}
