import { X509Certificate } from 'node:crypto';
import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { silentReporter } from '../../shared/reporter.js';
import type { MachineDependencies } from '../dependencies.js';
import { certificatesDirectory } from '../store/storage.js';
import { type Finding, failure, ok, type Verdict, warning } from './finding.js';
import { rescued } from './rescued.js';

const day = 86_400_000;

/** This computer and the store. Changes nothing, but for an entry that is tried in the keyring. */
export async function localChecks(deps: MachineDependencies): Promise<readonly Finding[]> {
  const checks: readonly (readonly [string, string, () => Promise<Verdict>])[] = [
    ['this computer', 'Node', async () => ok(process.version)],
    ['this computer', 'secrets', () => secretStore(deps)],
    ['store', 'directory', () => directory(deps.storage)],
    ['store', 'private keys', () => privateKeys(deps.storage)],
    ['store', 'records', () => records(deps)],
    ['store', 'certificate authority', () => certificate(deps, 'ca.pem', 'regenerate-certs --client-certs')],
    ['store', 'client certificate', () => certificate(deps, 'cert.pem', 'regenerate-certs --client-certs')],
  ];
  return Promise.all(
    checks.map(async ([subject, check, look]) => ({ subject, check, ...(await rescued(look)) })),
  );
}

async function secretStore(deps: MachineDependencies): Promise<Verdict> {
  const [backend] = (await deps.secrets.reserve('doctor', silentReporter)).split(':');
  return ok(backend === 'keyring' ? 'kept in the keyring' : 'kept in files that only you may read');
}

async function directory(storage: string): Promise<Verdict> {
  const found = await stat(storage).catch(() => undefined);
  if (!found) return ok(`${storage} is made with the first machine`);
  if (process.platform === 'win32') return ok(storage);
  if (found.uid !== process.getuid?.()) {
    return warning(`${storage} belongs to user ${found.uid}`, `run "chown -R $(id -u) ${storage}"`);
  }
  return ok(storage);
}

async function privateKeys(storage: string): Promise<Verdict> {
  if (process.platform === 'win32') return ok('guarded by the directory');
  const open: string[] = [];
  const files = await readdir(storage, { recursive: true, withFileTypes: true }).catch(() => []);
  for (const file of files) {
    if (!file.isFile() || !/(?:-?key\.pem|^id_[\w-]+)$/.test(file.name)) continue;
    const path = join(file.parentPath, file.name);
    if (((await stat(path)).mode & 0o077) !== 0) open.push(path);
  }
  if (open.length === 0) return ok('readable by you only');
  return failure(`others may read ${open.join(', ')}`, `run "chmod 600 ${open.join(' ')}"`);
}

async function records({ store }: MachineDependencies): Promise<Verdict> {
  const names = await store.list();
  const damaged: string[] = [];
  for (const name of names) await store.load(name).catch(() => damaged.push(name));
  if (damaged.length === 0) return ok(`${names.length} machines`);
  return failure(
    `unreadable: ${damaged.join(', ')}`,
    `"tsmachine gc" shows what they left at a provider; "tsmachine rm -f NAME" forgets them`,
  );
}

async function certificate(deps: MachineDependencies, file: string, command: string): Promise<Verdict> {
  const path = join(certificatesDirectory(deps.storage), file);
  const text = await readFile(path, 'utf8').catch(() => undefined);
  if (text === undefined) return ok('made with the first machine');
  return expiry(Date.parse(new X509Certificate(text).validTo), deps.clock.now(), command);
}

/** `command` is what makes it anew. */
export function expiry(expiresAt: number, now: number, command: string): Verdict {
  const days = Math.floor((expiresAt - now) / day);
  if (days < 0) return failure(`expired ${-days} days ago`, `run "tsmachine ${command}"`);
  const detail = `expires in ${days} days`;
  return days < 30 ? warning(detail, `run "tsmachine ${command}"`) : ok(detail);
}
