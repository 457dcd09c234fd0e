import { readdir, readFile } from 'node:fs/promises';
import { type Agent, Agent as HttpAgent } from 'node:http';
import { Agent as HttpsAgent } from 'node:https';
import { isIPv4 } from 'node:net';
import { join } from 'node:path';
import { createSecureContext, getCACertificates, type SecureContextOptions } from 'node:tls';
import { systemErrorCode } from '../../shared/errors.js';

/** The connections of one pull, kept open between requests. */
export interface RegistryAgents {
  /** The registry itself may be treated as insecure and may be shown a client certificate; no other host is. */
  for(url: URL): Agent;
  close(): void;
}

export async function registryAgents(
  certificatesDirectory: string,
  host: string,
  insecure: boolean,
  environment: NodeJS.ProcessEnv = process.env,
): Promise<RegistryAgents> {
  const own = await registryTls(certificatesDirectory, host);
  const { ca } = own;
  // Go's clients, too, never ask a proxy for what is on this host.
  const options = { keepAlive: true, ...(!isLoopback(host) && { proxyEnv: environment }) };
  const plain = new HttpAgent(options);
  const registry = new HttpsAgent({
    ...options,
    secureContext: createSecureContext(own),
    rejectUnauthorized: !insecure,
  });
  const others = new HttpsAgent({ ...options, secureContext: createSecureContext(ca ? { ca } : {}) });
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

/**
 * How to talk TLS with a registry: the authorities of Node and of the system, those in DIRECTORY/HOST/*.crt, and the
 * first pair of client certificate and key (*.cert, *.key) there, as docker does with /etc/docker/certs.d.
 */
async function registryTls(directory: string, host: string): Promise<SecureContextOptions> {
  const folder = join(directory, host);
  const names = await readdir(folder).catch((error) => {
    if (systemErrorCode(error) === 'ENOENT' || systemErrorCode(error) === 'ENOTDIR') return [];
    throw error;
  });
  const own = await Promise.all(
    names.filter((name) => name.endsWith('.crt')).map((name) => readFile(join(folder, name), 'utf8')),
  );
  const certificate = names.find((name) => name.endsWith('.cert'));
  const pair = certificate && [certificate, certificate.replace(/\.cert$/, '.key')];
  const [cert, key] = pair ? await Promise.all(pair.map((name) => readFile(join(folder, name), 'utf8'))) : [];
  return { ca: [...authorities(), ...own], ...(cert && key && { cert, key }) };
}

let known: readonly string[] | undefined;

/** Reading the system's takes a while: once. */
function authorities(): readonly string[] {
  known ??= [...new Set([...getCACertificates('default'), ...getCACertificates('system')])];
  return known;
}
