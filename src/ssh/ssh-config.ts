import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import SSHConfig from 'ssh-config';
import type { SshEndpoint } from './transport.js';

/** What the user said explicitly; it wins over the configuration. */
export interface EndpointOverrides {
  readonly user?: string;
  readonly port?: number;
  readonly identityFiles?: readonly string[];
}

/** As ssh_config(5) allows, so that a file that includes itself ends. */
const deepestInclude = 16;

/**
 * Where `ssh HOST` would log in, by the user's own configuration (`~/.ssh/config`): HostName, User, Port,
 * IdentityFile, ProxyJump. Without one: root, port 22.
 */
export async function resolveSshEndpoint(
  host: string,
  overrides: EndpointOverrides = {},
  home = homedir(),
): Promise<SshEndpoint> {
  const config = SSHConfig.parse(await readConfig(join(home, '.ssh', 'config'), home));
  return resolve(config, host, overrides, home, 0);
}

function resolve(
  config: SSHConfig,
  host: string,
  overrides: EndpointOverrides,
  home: string,
  depth: number,
): SshEndpoint {
  const found = config.compute(host, { ignoreCase: true });
  const one = (key: string) => [found[key]].flat()[0];
  const user = overrides.user ?? one('user') ?? 'root';
  const port = overrides.port ?? Number(one('port') ?? 22);
  const hostName = one('hostname')?.replaceAll('%h', host) ?? host;
  const expand = (path: string) => expandTokens(path, { home, host: hostName, user, port });
  const identityFiles = overrides.identityFiles ?? [found['identityfile'] ?? []].flat().map(expand);
  const jumps = one('proxyjump');
  const endpoint = { host: hostName, port, user, identityFiles };
  if (jumps === undefined || jumps.toLowerCase() === 'none' || depth >= deepestInclude) return endpoint;
  return {
    ...endpoint,
    jumpHosts: jumps.split(',').map((jump) => {
      const { name, ...given } = parseHop(jump.trim());
      return resolve(config, name, given, home, depth + 1);
    }),
  };
}

/** [user@]host[:port], also as ssh://; IPv6 addresses in brackets. */
function parseHop(text: string): EndpointOverrides & { readonly name: string } {
  const match = /^(?:ssh:\/\/)?(?:([^@]+)@)?(\[[^\]]+\]|[^:]+)(?::(\d+))?\/?$/.exec(text);
  const name = match?.[2]?.replaceAll(/[[\]]/g, '') ?? text;
  return {
    name,
    ...(match?.[1] !== undefined && { user: match[1] }),
    ...(match?.[3] !== undefined && { port: Number(match[3]) }),
  };
}

/** The file with its Include lines replaced by what they name; empty when there is none. */
async function readConfig(path: string, home: string, depth = 0): Promise<string> {
  const text = await readFile(path, 'utf8').catch(() => '');
  if (depth >= deepestInclude) return text;
  const lines = await Promise.all(text.split('\n').map((line) => expandInclude(line, home, depth)));
  return lines.join('\n');
}

async function expandInclude(line: string, home: string, depth: number): Promise<string> {
  const patterns = /^\s*include[\s=]+(.+)$/i.exec(line)?.[1];
  if (patterns === undefined) return line;
  const files = patterns
    .trim()
    .split(/\s+/)
    .map((pattern) => pattern.replaceAll('"', '').replace(/^~(?=\/)/, home))
    .flatMap((pattern) => globSync(isAbsolute(pattern) ? pattern : join(home, '.ssh', pattern)).toSorted());
  const texts = await Promise.all(files.map((file) => readConfig(file, home, depth + 1)));
  return texts.join('\n');
}

interface Tokens {
  readonly home: string;
  readonly host: string;
  readonly user: string;
  readonly port: number;
}

function expandTokens(path: string, { home, host, user, port }: Tokens): string {
  const values: Record<string, string> = { '%': '%', d: home, h: host, r: user, p: String(port) };
  return path.replace(/^~(?=\/)/, home).replaceAll(/%([%dhrp])/g, (token, letter) => values[letter] ?? token);
}
