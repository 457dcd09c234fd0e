import type { SshTarget } from '../machine/connection/ssh-target.js';

/**
 * What OpenSSH's programs are told of a machine's host, as values of `-o`. Neither the user's ssh_config nor their known
 * hosts have a say (`-F none`): the record knows the host. `knownHostsFile` has `knownHostsLine`.
 */
export function opensshOptions({ endpoint }: SshTarget, knownHostsFile: string): readonly string[] {
  return [
    'StrictHostKeyChecking=yes',
    `UserKnownHostsFile=${knownHostsFile}`,
    ...(endpoint.identityFiles.length > 0 ? ['IdentitiesOnly=yes'] : []),
    ...endpoint.identityFiles.map((file) => `IdentityFile=${file}`),
    'ConnectTimeout=20',
  ];
}

/** sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". */
export function knownHostsLine({ endpoint: { host, port }, hostKey }: SshTarget): string {
  return `${port === 22 ? host : `[${host}]:${port}`} ${hostKey}\n`;
}
