import { readdir, readFile } from 'node:fs/promises';
import { type Agent, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, getCACertificates, type SecureContext } from 'node:tls';
import { systemErrorCode } from '../../shared/errors.js';
import { clientKeyMissing } from './errors.js';

/** Where administrators of docker put what a registry's TLS needs. */
export const dockersCertificates: readonly string[] = ['/etc/docker/certs.d'];

/** The connections of one pull, kept open between requests. */
export interface RegistryAgents {
  /** The registry itself may be treated as insecure and may be shown a client certificate; no other host is. */
  for(url: URL): Agent;
  close(): void;
}

export async function registryAgents(
  certificatesDirectories: readonly string[],
  host: string,
  insecure: boolean,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<RegistryAgents> {
  const tls = await registryTls(certificatesDirectories, host);
  // Go's clients, too, never ask a proxy for what is on this host.
  const options = { keepAlive: true, ...(!isLoopback(host) && { proxyEnv: environment }) };
  const plain = new HttpAgent(options);
  const registry = new HttpsAgent({ ...options, secureContext: tls.own, rejectUnauthorized: !insecure });
  const others = new HttpsAgent({ ...options, secureContext: tls.others });
  return {
    for: (url) => (url.protocol === 'http:' ? plain : url.host === host ? registry : others),
    close: () => {
      for (const agent of [plain, registry, others]) agent.destroy();
    },
  };
}

function isLoopback(host: string): boolean {
  const name = host.replace(/:\d+$/, '').replace(/^\[|\]$/g, '');
  return name === 'localhost' || name === '::1' || (isIPv4(name) && name.startsWith('127.'));
}

interface RegistryTls {
  /** For the registry itself. */
  readonly own: SecureContext;
  /** For the hosts it sends to. */
  readonly others: SecureContext;
}

/**
 * How to talk TLS with a registry: the authorities of Node and of the system, those in HOST/*.crt of each directory, and
 * the first pair of client certificate and key (*.cert, *.key) there, as docker does with /etc/docker/certs.d.
 */
async function registryTls(directories: readonly string[], host: string): Promise<RegistryTls> {
  const found = await Promise.all(directories.map((directory) => hostFiles(join(directory, host))));
  const added = found.flatMap((each) => each.authorities);
  const client = found.find((each) => each.client)?.client;
  const others = added.length > 0 ? contextWith(added) : usual();
  return { own: client ? contextWith(added, client) : others, others };
}

function contextWith(added: readonly string[], client?: ClientPair): SecureContext {
  return createSecureContext({ ca: [...authorities(), ...added], ...client });
}

let usualContext: SecureContext | undefined;

/** For nearly all registries. It takes 20 ms to make, since it has all authorities: once. */
function usual(): SecureContext {
  usualContext ??= contextWith([]);
  return usualContext;
}

interface ClientPair {
  readonly cert: string;
  readonly key: string;
}

interface HostFiles {
  readonly authorities: readonly string[];
  readonly client: ClientPair | undefined;
}

async function hostFiles(folder: string): Promise<HostFiles> {
  const read = (name: string): Promise<string> => readFile(join(folder, name), 'utf8');
  const names: readonly string[] = await readdir(folder).catch((error) => {
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR') return [];
    throw error;
  });
  const authorities = await Promise.all(names.filter((name) => name.endsWith('.crt')).map(read));
  const certificate = names.toSorted().find((name) => name.endsWith('.cert'));
  if (!certificate) return { authorities, client: undefined };
  const key = certificate.replace(/\.cert$/, '.key');
  if (!names.includes(key)) throw clientKeyMissing(join(folder, certificate), key);
  return { authorities, client: { cert: await read(certificate), key: await read(key) } };
}

let known: readonly string[] | undefined;

/** Reading the system's takes a while: once. */
function authorities(): readonly string[] {
  known ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return known;
}
