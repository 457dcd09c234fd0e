import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { KnownHost, SshTarget } from '../machine/connection/ssh-target.js';
import { writeFileAtomically } from '../shared/atomic-file.js';

/** What OpenSSH's programs are told: `-F config`, and `host` where they want a host's name. */
export interface OpensshFiles {
  readonly config: string;
  readonly host: string;
}

/**
 * Writes what OpenSSH's programs need to reach a machine's host, and to know it and each hop on the way, into
 * `directory`. Neither the user's ssh_config nor their known hosts have a say: the record knows the host.
 */
export async function writeOpensshFiles(target: SshTarget, directory: string): Promise<OpensshFiles> {
  const [config, knownHosts] = [join(directory, 'ssh_config'), join(directory, 'known_hosts')];
  await mkdir(directory, { recursive: true, mode: 0o700 });
  await writeFileAtomically(knownHosts, knownHostsText(target));
  await writeFileAtomically(config, opensshConfig(target, knownHosts));
  return { config, host: target.name };
}

/** ssh_config(5). A hop is reached through the one before it, and is logged in to with the user's own keys. */
export function opensshConfig(target: SshTarget, knownHostsFile: string): string {
  const hosts = namedHosts(target).map(({ name, endpoint }, index, all) =>
    [
      `Host ${name}`,
      `HostName ${endpoint.host}`,
      `HostKeyAlias ${name}`,
      `Port ${endpoint.port}`,
      `User ${endpoint.user}`,
      ...(endpoint.identityFiles.length > 0 ? ['IdentitiesOnly yes'] : []),
      ...endpoint.identityFiles.map((file) => `IdentityFile ${path(file)}`),
      `ProxyJump ${all[index - 1]?.name ?? 'none'}`,
    ].join('\n  '),
  );
  const all = [
    'Host *',
    'StrictHostKeyChecking yes',
    `UserKnownHostsFile ${path(knownHostsFile)}`,
    'GlobalKnownHostsFile none',
    'ConnectTimeout 20',
  ];
  return `${[...hosts, all.join('\n  ')].join('\n')}\n`;
}

/** sshd(8), "SSH_KNOWN_HOSTS FILE FORMAT". Two hosts may have one address, each seen from another hop: each has a name. */
export function knownHostsText(target: SshTarget): string {
  return namedHosts(target)
    .map(({ name, hostKey }) => `${name} ${hostKey}\n`)
    .join('');
}

/** In the order of the way. */
function namedHosts(target: SshTarget): readonly (KnownHost & { readonly name: string })[] {
  const hops = target.hops.map((hop, index) => ({ ...hop, name: `${target.name}-hop-${index + 1}` }));
  return [...hops, target];
}

/** Tokens begin with %; words may be in quotes. */
function path(file: string): string {
  return `"${file.replaceAll('%', '%%')}"`;
}
