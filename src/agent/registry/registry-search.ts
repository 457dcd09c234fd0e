import type { SearchResult } from '../../api/registry.js';
import { isTsmachineError, TsmachineError } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import { registryBroken, withoutSecrets } from './errors.js';
import { exchange, type HttpResponse, readBody } from './http-exchange.js';
import type { RegistryCredentials } from './puller.js';
import { type RegistryAgents, registryAgents } from './registry-agents.js';
import { basicHeader } from './registry-auth.js';

export interface SearchOptions {
  /** "nginx", "registry:5000/team/nginx". */
  readonly term: string;
  readonly limit: number;
  readonly credentials: RegistryCredentials | undefined;
  readonly signal: AbortSignal;
}

export interface SearchConnection {
  readonly insecure: boolean;
  readonly certificatesDirectories: readonly string[];
  readonly stallMs: number;
}

/** The registry that a term begins with, and what is searched there. */
export function searchPlace(term: string): { readonly host: string; readonly query: string } {
  const slash = term.indexOf('/');
  const first = term.slice(0, Math.max(0, slash));
  const isHost = slash > 0 && (/[.:]/.test(first) || first === 'localhost');
  const isHub = !isHost || first === 'docker.io' || first === 'index.docker.io';
  const query = isHost ? term.slice(slash + 1) : term;
  return isHub ? { host: hub, query: query.replace(/^library\//, '') } : { host: first, query };
}

const hub = 'index.docker.io';

/**
 * Asks the search of a registry's first version, which Docker Hub and a few others have. Throws
 * REGISTRY_SEARCH_REFUSED in Docker's words where there is none, REGISTRY_UNREACHABLE, REGISTRY_BROKEN.
 */
export async function searchRegistry(
  options: SearchOptions,
  connection: SearchConnection,
): Promise<readonly SearchResult[]> {
  const { host, query } = searchPlace(options.term);
  const agents = await registryAgents(connection.certificatesDirectories, host, connection.insecure);
  try {
    const ask = (scheme: string) =>
      get(new URL(`${scheme}://${host}/v1/search`), query, { ...options, ...connection, agents });
    const response = await ask('https').catch((error) => {
      const isDown = isTsmachineError(error) && error.code === 'REGISTRY_UNREACHABLE';
      if (!connection.insecure || !isDown || options.signal.aborted) throw error;
      return ask('http');
    });
    const body = await readBody(response, 4 << 20, connection.stallMs);
    if (response.status !== 200) throw searchRefused(`Unexpected status code ${response.status}`);
    return decodeResults(body).slice(0, options.limit);
  } finally {
    agents.close();
  }
}

export function searchRefused(message: string): TsmachineError {
  return new TsmachineError('internal', 'REGISTRY_SEARCH_REFUSED', message);
}

/** Follows redirects; the login stays with the host. */
async function get(
  start: URL,
  query: string,
  options: SearchOptions & SearchConnection & { readonly agents: RegistryAgents },
): Promise<HttpResponse> {
  const { limit, credentials, signal, stallMs, agents } = options;
  start.searchParams.set('q', query);
  start.searchParams.set('n', String(limit));
  const login = basicHeader(credentials);
  let url = start;
  for (let hops = 0; hops <= 5; hops++) {
    const headers = login && url.origin === start.origin ? { Authorization: login } : {};
    const agent = agents.for(url);
    const response = await exchange({ method: 'GET', url, headers, agent, signal, deadlineMs: stallMs });
    const { location } = response.headers;
    if (response.status < 300 || response.status >= 400 || location === undefined) return response;
    response.body.destroy();
    const next = URL.parse(location, url.href);
    if (!next || !/^https?:$/.test(next.protocol)) throw registryBroken(`invalid redirect to "${location}"`);
    url = next;
  }
  throw registryBroken(`Get "${withoutSecrets(start)}": stopped after 5 redirects`);
}

function decodeResults(body: Buffer): SearchResult[] {
  let value: unknown;
  try {
    value = JSON.parse(body.toString());
  } catch {
    throw registryBroken('the answer to a search is not JSON');
  }
  const results = isJsonObject(value) && Array.isArray(value['results']) ? value['results'] : [];
  return results.filter(isJsonObject).map((result) => ({
    star_count: Number(result['star_count'] ?? 0),
    is_official: result['is_official'] === true,
    name: String(result['name'] ?? ''),
    is_automated: false, // Docker's engine does not tell it any more
    description: String(result['description'] ?? ''),
  }));
}
