import type { HostKeyVerifier, SshEndpoint } from '../ssh/transport.js';
import { hostKeyChanged } from './errors.js';

export interface PinnedHostKey extends HostKeyVerifier {
  /** The key that was pinned before, or was trusted on first use, in OpenSSH form. */
  readonly key: string | undefined;
}

/**
 * Accepts only the pinned key; without one trusts the first key it sees, and only that from then on.
 * The hosts in between (`jumpHosts`) are the user's own business and are not judged by it.
 */
export function pinnedHostKey(pinned: string | undefined, target: SshEndpoint): PinnedHostKey {
  let key = pinned;
  return {
    get key() {
      return key;
    },
    async verify(endpoint, hostKey) {
      if (endpoint.host !== target.host || endpoint.port !== target.port) return;
      const seen = openSshForm(hostKey);
      key ??= seen;
      if (withoutComment(key) !== seen) throw hostKeyChanged(endpoint.host, key, seen);
    },
  };
}

/** The wire form begins with the length-prefixed algorithm name (RFC 4253, section 6.6). */
function openSshForm(hostKey: Uint8Array): string {
  const bytes = Buffer.from(hostKey);
  const algorithm = bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('ascii');
  return `${algorithm} ${bytes.toString('base64')}`;
}

function withoutComment(key: string): string {
  return key.trim().split(/\s+/).slice(0, 2).join(' ');
}
