import { errorMessage, TsmachineError } from '../shared/errors.js';
import type { SshEndpoint, TcpTarget } from './transport.js';

export function sshUnreachable(endpoint: SshEndpoint, why: string, cause?: unknown): TsmachineError {
  return new TsmachineError('unavailable', 'SSH_UNREACHABLE', `cannot reach "${address(endpoint)}": ${why}`, {
    hints: [
      'check that the host is up, that an SSH server listens there, and that no firewall is in between',
    ],
    cause,
  });
}

export function sshAuthenticationFailed(
  endpoint: SshEndpoint,
  {
    tried,
    missing,
    advice,
  }: {
    readonly tried: readonly string[];
    readonly missing: readonly string[];
    readonly advice: readonly string[];
  },
  cause?: unknown,
): TsmachineError {
  const known = tried.length === 0 ? 'there was no key to try' : `tried ${tried.join(', ')}`;
  const what = missing.length === 0 ? known : `${known}; no terminal to ask for ${missing.join(' or ')} on`;
  return new TsmachineError(
    'unauthenticated',
    'SSH_AUTHENTICATION_FAILED',
    `"${endpoint.user}" may not log in to "${address(endpoint)}": ${what}`,
    {
      hints: [
        ...advice,
        `add the public key to ~/.ssh/authorized_keys of "${endpoint.user}" on the host, or name another key or user`,
      ],
      cause,
    },
  );
}

export function sshKeyProtected(endpoint: SshEndpoint, paths: readonly string[]): TsmachineError {
  const files = paths.map((path) => `"${path}"`).join(', ');
  return new TsmachineError(
    'unauthenticated',
    'SSH_AUTHENTICATION_FAILED',
    `no key to log in to "${address(endpoint)}" with: ${files} is protected by a passphrase and no ssh-agent is running`,
    { hints: [`run "eval $(ssh-agent) && ssh-add ${paths[0]}" and try again`] },
  );
}

export function sshIdentityUnusable(path: string, why: string, cause?: unknown): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'SSH_IDENTITY_UNUSABLE',
    `cannot use the key "${path}": ${why}`,
    {
      hints: ['name a private key file that you can read'],
      cause,
    },
  );
}

export function sshPasswordExpired(endpoint: SshEndpoint): TsmachineError {
  return new TsmachineError(
    'unauthenticated',
    'SSH_AUTHENTICATION_FAILED',
    `the password of "${endpoint.user}" on "${address(endpoint)}" has expired`,
    { hints: [`set a new one: log in with "ssh -p ${endpoint.port} ${endpoint.user}@${endpoint.host}"`] },
  );
}

export function sshConfigInvalid(path: string, why: string, cause?: unknown): TsmachineError {
  return new TsmachineError('invalid-argument', 'SSH_CONFIG_INVALID', `cannot use "${path}": ${why}`, {
    hints: [`run "ssh -G HOST" to see what ssh makes of it`],
    cause,
  });
}

export function sshHostKeyChanged(endpoint: SshEndpoint, known: string, offered: string): TsmachineError {
  return new TsmachineError(
    'permission-denied',
    'SSH_HOST_KEY_CHANGED',
    `the host key of "${address(endpoint)}" has changed: expected ${known}, got ${offered}; ` +
      'the host was installed anew, or someone is in between',
    {
      hints: [
        'compare the new fingerprint with "ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub" on the host',
        'if the host was installed anew, remove the machine and create it again',
      ],
    },
  );
}

export function sshConnectionLost(endpoint: SshEndpoint, cause?: unknown): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'SSH_CONNECTION_LOST',
    `the connection to "${address(endpoint)}" was lost`,
    { hints: ['check the network and the host, and run the command again'], cause },
  );
}

export function sshCommandTimeout(endpoint: SshEndpoint, timeoutMs: number): TsmachineError {
  return new TsmachineError(
    'deadline-exceeded',
    'SSH_COMMAND_TIMEOUT',
    `a command on "${address(endpoint)}" did not end within ${timeoutMs / 1000}s`,
  );
}

export function sshChannelRefused(endpoint: SshEndpoint, cause: unknown): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'SSH_CHANNEL_REFUSED',
    `"${address(endpoint)}" refused to run a command: ${errorMessage(cause)}`,
    { hints: ['check MaxSessions, PermitTTY and ForceCommand in the sshd_config of the host'], cause },
  );
}

/** "host:22"; an IPv6 address in brackets. */
export function address({ host, port }: Pick<SshEndpoint, 'host' | 'port'>): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}

export function sshForwardRefused(endpoint: SshEndpoint, target: TcpTarget, cause: unknown): TsmachineError {
  return new TsmachineError(
    'unavailable',
    'SSH_FORWARD_REFUSED',
    `"${address(endpoint)}" does not connect to "${target.host}:${target.port}": ${errorMessage(cause)}`,
    {
      hints: ['look whether something listens there on the host, and whether its sshd allows forwarding'],
      cause,
    },
  );
}
