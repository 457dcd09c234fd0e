import { parseChallenges } from './challenge.js';
import { registryUnauthorized, registryUnavailable, withoutSecrets } from './errors.js';
import type { RegistryCredentials } from './puller.js';
import { registryAgents } from './registry-agents.js';
import { authorize } from './registry-auth.js';
import { pingRegistry } from './registry-ping.js';

export interface LoginOptions {
  /** host[:port]. */
  readonly host: string;
  readonly credentials: RegistryCredentials;
  readonly insecure: boolean;
  readonly certificatesDirectories: readonly string[];
  readonly signal: AbortSignal;
  readonly stallMs: number;
}

/**
 * Tries credentials at a registry, as `docker login` has it done. Answers the identity token to keep in place of the
 * password, where the registry gives one. Throws REGISTRY_UNAUTHORIZED, REGISTRY_UNREACHABLE.
 */
export async function loginToRegistry(options: LoginOptions): Promise<string | undefined> {
  const { host, credentials, insecure, certificatesDirectories, signal, stallMs } = options;
  const agents = await registryAgents(certificatesDirectories, host, insecure);
  try {
    const found = await pingRegistry({
      ...{ base: new URL(`https://${host}`), agents, insecure, signal, stallMs },
    });
    found.response.body.destroy();
    if (found.response.status === 200) return undefined; // it asks for nothing
    const challenges = parseChallenges(found.response.headers['www-authenticate']);
    const context = { credentials, scopes: [], registry: found.base, agents, signal, deadlineMs: stallMs };
    const granted = await authorize(challenges, { ...context, offline: true });
    const headers = granted ? { Authorization: granted.header } : {};
    const { response } = await pingRegistry({ base: found.base, agents, insecure, headers, signal, stallMs });
    response.body.destroy();
    if (response.status === 200) return granted?.identityToken;
    const where = `login attempt to ${withoutSecrets(response.url)} failed with status: ${response.status}`;
    if (response.status !== 401) throw registryUnavailable(where);
    throw registryUnauthorized(
      `Get "${withoutSecrets(response.url)}": unauthorized: incorrect username or password`,
    );
  } finally {
    agents.close();
  }
}
