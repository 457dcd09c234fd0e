import { createHash } from 'node:crypto';
import { sshHostKeyChanged } from './errors.js';
import type { HostKeyVerifier, SshEndpoint } from './transport.js';

/**
 * Trusts one key for one host. Without a pinned key the first one seen is handed to `onTrust`, which must have
 * stored it when its promise resolves; any other key is refused with SSH_HOST_KEY_CHANGED from then on.
 * Keys are texts like "ssh-ed25519 AAAA…".
 */
export class PinnedHostKey implements HostKeyVerifier {
  #pinned: string | undefined;
  readonly #onTrust: (hostKey: string) => Promise<void>;

  constructor(pinned: string | undefined, onTrust: (hostKey: string) => Promise<void>) {
    this.#pinned = pinned === undefined ? undefined : withoutComment(pinned);
    this.#onTrust = onTrust;
  }

  /** A server with several keys must show the one we know, or it would look changed. */
  get keyType(): string | undefined {
    return this.#pinned?.split(' ')[0];
  }

  async verify(endpoint: SshEndpoint, hostKey: Uint8Array): Promise<void> {
    const offered = formatHostKey(hostKey);
    if (this.#pinned === undefined) {
      await this.#onTrust(offered);
      this.#pinned = offered;
    } else if (this.#pinned !== offered) {
      throw sshHostKeyChanged(endpoint, fingerprint(this.#pinned), fingerprint(offered));
    }
  }
}

/** The wire form (RFC 4253, section 6.6) as OpenSSH writes it in known_hosts: "ssh-ed25519 AAAA…". */
export function formatHostKey(wire: Uint8Array): string {
  const bytes = Buffer.from(wire);
  const type = bytes.subarray(4, 4 + bytes.readUInt32BE(0)).toString('latin1');
  return `${type} ${bytes.toString('base64')}`;
}

/** "SHA256:…" without padding, as `ssh-keygen -l` prints it. */
export function fingerprint(key: string): string {
  const blob = Buffer.from(key.trim().split(/\s+/)[1] ?? '', 'base64');
  return `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`;
}

function withoutComment(key: string): string {
  return key.trim().split(/\s+/).slice(0, 2).join(' ');
}
