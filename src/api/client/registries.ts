import type { SearchResult } from '../registry.js';
import { encodeFilters } from './containers.js';
import type { EngineClient } from './engine-client.js';
import type { Filters } from './types.js';

/** Has the engine try a login; answers the identity token to keep in place of the password, or an empty text. */
export async function login(client: EngineClient, body: object, signal?: AbortSignal): Promise<string> {
  const request = { method: 'POST', path: '/auth', body, signal } as const;
  const answer = await client.json<{ readonly IdentityToken?: string } | undefined>(request);
  return answer?.IdentityToken ?? '';
}

export async function searchImages(
  client: EngineClient,
  options: {
    readonly term: string;
    readonly limit: number | undefined;
    readonly filters: Filters;
    /** The header X-Registry-Auth. */
    readonly authorization: string;
  },
  signal?: AbortSignal,
): Promise<readonly SearchResult[]> {
  const { term, limit, filters, authorization } = options;
  const query = { term, limit, filters: encodeFilters(filters) };
  const headers = { 'x-registry-auth': authorization };
  return client.json({ method: 'GET', path: '/images/search', query, headers, signal });
}
