import { isJsonObject } from '../../shared/json.js';
import { registryBroken } from './errors.js';
import type { HttpResponse } from './http-exchange.js';

/** An end for a registry whose pages never end. */
export const mostTags = 100_000;

export function decodeTags(body: Buffer): readonly string[] {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const tags = isJsonObject(value) ? value['tags'] : undefined;
    return Array.isArray(tags) ? tags.map(String) : [];
  } catch {
    throw registryBroken('the list of tags is not JSON');
  }
}

/** OCI distribution-spec 1.1, "Listing Tags": a Link header with rel="next". */
export function nextPage({ headers, url }: HttpResponse): URL | undefined {
  const link = /<([^>]+)>\s*;\s*rel="?next"?/.exec(String(headers['link'] ?? ''))?.[1];
  const next = link === undefined ? null : URL.parse(link, url.href);
  return next?.origin === url.origin && next.href !== url.href ? next : undefined;
}
