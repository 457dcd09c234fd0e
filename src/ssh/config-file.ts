import { readdir, readFile } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import SSHConfig from 'ssh-config';
import { errorMessage, systemErrorCode } from '../shared/errors.js';
import { sshConfigInvalid } from './errors.js';

export interface ConfigQuery {
  readonly host: string;
  readonly user: string | undefined;
}

/** Values by keyword in lower case; IdentityFile is always a list. */
export type ConfigValues = Readonly<Record<string, string | string[]>>;

/** As OpenSSH: deeper is taken for a circle. */
const includeDepth = 16;

/**
 * What an ssh_config(5) file says about a host, with its Include lines followed. Nothing for a file that does not
 * exist; `Match exec` never matches. Throws SSH_CONFIG_INVALID.
 */
export async function queryConfigFile(path: string, home: string, query: ConfigQuery): Promise<ConfigValues> {
  const text = await readConfig(path, { home, query, depth: 0 });
  try {
    return compute(text, query);
  } catch (cause) {
    throw sshConfigInvalid(path, errorMessage(cause), cause);
  }
}

interface Reading {
  readonly home: string;
  readonly query: ConfigQuery;
  readonly depth: number;
}

function compute(text: string, { host, user }: ConfigQuery): ConfigValues {
  return SSHConfig.parse(text).compute(user === undefined ? { Host: host } : { Host: host, User: user }, {
    ignoreCase: true,
    matchExec: false,
  });
}

async function readConfig(path: string, reading: Reading): Promise<string> {
  if (reading.depth > includeDepth) throw sshConfigInvalid(path, 'Include goes too deep');
  const lines: string[] = [];
  let block = 'Host *';
  for (const line of (await readText(path)).split(/\r?\n/)) {
    const [, keyword, value = ''] = /^\s*(\w+)(?:\s*=\s*|\s+)(.*?)\s*$/.exec(line) ?? [];
    if (/^(host|match)$/i.test(keyword ?? '')) block = line;
    if (!/^include$/i.test(keyword ?? '')) {
      lines.push(line);
    } else if (isInForce(block, reading.query)) {
      // A Host line in the included file ends there: what follows belongs to the present block again.
      lines.push(await readIncluded(value, reading), block);
    }
  }
  return lines.join('\n');
}

function isInForce(block: string, query: ConfigQuery): boolean {
  return compute(`${block}\n  Tag yes\n`, query)['tag'] === 'yes';
}

async function readIncluded(value: string, reading: Reading): Promise<string> {
  const patterns = [...value.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain ?? '');
  const paths = await Promise.all(patterns.map((pattern) => filesMatching(pattern, reading.home)));
  const deeper = { ...reading, depth: reading.depth + 1 };
  const texts = await Promise.all(paths.flat().map((path) => readConfig(path, deeper)));
  return texts.join('\n');
}

/** Relative to ~/.ssh; wildcards in the last part, in the order of their names. */
async function filesMatching(pattern: string, home: string): Promise<readonly string[]> {
  const path = resolve(join(home, '.ssh'), pattern.replace(/^~(?=\/)/, home));
  if (!/[*?]/.test(basename(path))) return [path];
  const expression = basename(path)
    .replace(/[.+^${}()|[\]\\]/g, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  const names = await readdir(dirname(path)).catch(() => []);
  const matching = names.filter((name) => new RegExp(`^${expression}$`).test(name) && !name.startsWith('.'));
  return matching.sort().map((name) => join(dirname(path), name));
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (['ENOENT', 'EISDIR'].includes(systemErrorCode(cause) ?? '')) return '';
    throw sshConfigInvalid(path, errorMessage(cause), cause);
  }
}
