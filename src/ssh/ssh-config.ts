import { homedir, userInfo } from 'node:os';
import { join } from 'node:path';
import { queryConfigFile } from './config-file.js';
import { sshConfigInvalid } from './errors.js';
import type { SshEndpoint } from './transport.js';

/** What was said explicitly, and wins over every file. */
export interface EndpointOverrides {
  readonly user?: string;
  readonly port?: number;
  readonly identityFiles?: readonly string[];
}

export interface SshConfigLocation {
  readonly home: string;
  readonly file: string;
}

/** More hops than anybody has; jump hosts that name each other end here. */
const longestChain = 8;

/**
 * Where a name leads, as `ssh` would find it in ~/.ssh/config: HostName, Port, User, IdentityFile, ProxyJump.
 * Without any of them: user root, port 22. Throws SSH_CONFIG_INVALID.
 */
export async function resolveSshEndpoint(
  host: string,
  overrides: EndpointOverrides = {},
  location: SshConfigLocation = userConfig(),
): Promise<SshEndpoint> {
  return resolveHop(host, overrides, location, longestChain);
}

function userConfig(): SshConfigLocation {
  const home = homedir();
  return { home, file: join(home, '.ssh', 'config') };
}

async function resolveHop(
  name: string,
  overrides: EndpointOverrides,
  location: SshConfigLocation,
  hopsLeft: number,
): Promise<SshEndpoint> {
  if (hopsLeft === 0) throw sshConfigInvalid(location.file, `ProxyJump of "${name}" leads in a circle`);
  const values = await queryConfigFile(location.file, location.home, { host: name, user: overrides.user });
  const host = first(values['hostname'])?.replaceAll('%h', name) ?? name;
  const user = overrides.user ?? first(values['user']) ?? 'root';
  const jumpHosts = await resolveJumps(first(values['proxyjump']), location, hopsLeft - 1);
  const identityFiles = [values['identityfile'] ?? []].flat().filter((file) => file !== 'none');
  return {
    host,
    port: overrides.port ?? Number(first(values['port']) ?? 22),
    user,
    identityFiles:
      overrides.identityFiles ??
      identityFiles.map((file) => expand(file, { home: location.home, host, user })),
    ...(jumpHosts.length > 0 && { jumpHosts }),
  };
}

/** "[user@]host[:port]", several with commas; only the way to the first one may have jump hosts of its own. */
async function resolveJumps(
  value: string | undefined,
  location: SshConfigLocation,
  hopsLeft: number,
): Promise<readonly SshEndpoint[]> {
  if (value === undefined || value.toLowerCase() === 'none') return [];
  const hops = await Promise.all(
    value.split(',').map((text) => {
      const hop = parseHop(text.trim());
      if (!hop) throw sshConfigInvalid(location.file, `"${text}" is no jump host`);
      return resolveHop(hop.host, hop.overrides, location, hopsLeft);
    }),
  );
  return hops.flatMap(({ jumpHosts = [], ...hop }, index) => (index === 0 ? [...jumpHosts, hop] : [hop]));
}

function parseHop(text: string): { host: string; overrides: EndpointOverrides } | undefined {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(?:\[([^\]]+)\]|([^:]+))(?::(\d+))?$/.exec(text);
  const host = match?.[2] ?? match?.[3];
  if (!match || host === undefined) return undefined;
  return {
    host,
    overrides: { ...(match[1] && { user: match[1] }), ...(match[4] && { port: Number(match[4]) }) },
  };
}

/** The tokens of ssh_config(5) that make sense in IdentityFile. */
function expand(file: string, { home, host, user }: { home: string; host: string; user: string }): string {
  const tokens: Readonly<Record<string, string>> = {
    '%%': '%',
    '%d': home,
    '%h': host,
    '%r': user,
    '%u': userInfo().username,
  };
  return file.replace(/^~(?=\/)/, home).replace(/%./g, (token) => tokens[token] ?? token);
}

function first(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
