import { isJsonObject } from '../../shared/json.js';
import type { Challenge } from './challenge.js';
import { registryBroken, registryUnauthorized, registryUnavailable, withoutSecrets } from './errors.js';
import { exchange, type HttpRequest, type HttpResponse, readBody } from './http-exchange.js';
import type { RegistryCredentials } from './puller.js';
import type { RegistryAgents } from './registry-agents.js';

export interface AuthContext {
  readonly credentials: RegistryCredentials | undefined;
  /** "repository:library/x:pull". */
  readonly scopes: readonly string[];
  /** Ask for an identity token, which stands for the password from then on. */
  readonly offline?: boolean;
  readonly registry: URL;
  readonly agents: RegistryAgents;
  readonly signal: AbortSignal;
  readonly deadlineMs: number;
}

/**
 * The Authorization header that answers a challenge (docker's token specification, RFC 6749 for identity tokens);
 * undefined when there is none to give. Throws REGISTRY_UNAUTHORIZED when the token server refuses.
 */
export async function authorize(
  challenges: readonly Challenge[],
  context: AuthContext,
): Promise<Authorization | undefined> {
  const { credentials } = context;
  const bearer = challenges.find((each) => each.scheme === 'bearer');
  if (bearer && credentials?.registryToken) return { header: `Bearer ${credentials.registryToken}` };
  if (bearer) return fetchToken(bearer, context);
  const basic = challenges.some((each) => each.scheme === 'basic') ? basicHeader(credentials) : undefined;
  return basic === undefined ? undefined : { header: basic };
}

export interface Authorization {
  readonly header: string;
  readonly identityToken?: string;
}

export function basicHeader(credentials: RegistryCredentials | undefined): string | undefined {
  if (!credentials?.username) return undefined;
  const text = `${credentials.username}:${credentials.password ?? ''}`;
  return `Basic ${Buffer.from(text).toString('base64')}`;
}

async function fetchToken(challenge: Challenge, context: AuthContext): Promise<Authorization> {
  const response = await followed(tokenRequest(challenge, context), context);
  const body = await readBody(response, 1 << 20, context.deadlineMs);
  const value = parseJson(body);
  if (response.status !== 200) throw refused(response, value);
  const { token, access_token: access, refresh_token: refresh } = value;
  const found = typeof token === 'string' && token !== '' ? token : access;
  if (typeof found === 'string' && found !== '') {
    const isIdentity = context.offline && typeof refresh === 'string' && refresh !== '';
    return { header: `Bearer ${found}`, ...(isIdentity && { identityToken: refresh }) };
  }
  throw registryUnauthorized('authorization server did not include a token in the response');
}

/** Through redirects; the password stays with the server that the registry has named, and so does an identity token. */
async function followed(first: HttpRequest, context: AuthContext): Promise<HttpResponse> {
  let request = first;
  for (let hops = 0; hops <= 10; hops++) {
    const response = await exchange(request);
    const { location } = response.headers;
    const isRedirect = response.status >= 300 && response.status < 400 && location !== undefined;
    if (!isRedirect || request.method !== 'GET') return response;
    response.body.destroy();
    const url = realmUrl(URL.parse(location, request.url.href)?.href, context);
    const headers = url.origin === first.url.origin ? first.headers : undefined;
    request = { ...first, url, agent: context.agents.for(url), headers: headers ?? {} };
  }
  throw registryBroken(`Get "${withoutSecrets(first.url)}": stopped after 10 redirects`);
}

function tokenRequest(challenge: Challenge, context: AuthContext): HttpRequest {
  const { realm, service = '' } = challenge.parameters;
  const scopes = scopesOf(challenge, context);
  const url = realmUrl(realm, context);
  const { credentials, signal, deadlineMs } = context;
  const common = { signal, deadlineMs, agent: context.agents.for(url) };
  if (credentials?.identityToken) {
    const body = new URLSearchParams({
      grant_type: 'refresh_token',
      service,
      client_id: 'docker',
      scope: scopes.join(' '),
      refresh_token: credentials.identityToken,
    });
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    return { ...common, method: 'POST', url, headers, body: body.toString() };
  }
  url.searchParams.set('service', service);
  for (const scope of scopes) url.searchParams.append('scope', scope);
  if (context.offline) {
    url.searchParams.set('offline_token', 'true');
    url.searchParams.set('client_id', 'docker');
  }
  const authorization = basicHeader(credentials);
  if (authorization && credentials?.username) url.searchParams.set('account', credentials.username);
  return { ...common, method: 'GET', url, headers: authorization ? { Authorization: authorization } : {} };
}

function scopesOf({ parameters: { scope } }: Challenge, { scopes }: AuthContext): readonly string[] {
  return [...new Set([...scopes, ...(scope ? [scope] : [])])];
}

/** A registry that speaks TLS must not have credentials sent in the clear. */
function realmUrl(realm: string | undefined, context: AuthContext): URL {
  const url = URL.parse(realm ?? '');
  if (!url || !/^https?:$/.test(url.protocol)) {
    throw registryUnauthorized(`invalid token auth challenge realm: ${realm ?? ''}`);
  }
  if (url.protocol === 'http:' && context.registry.protocol === 'https:' && context.credentials) {
    throw registryUnauthorized(
      `will not send credentials to "${withoutSecrets(url)}", which is not encrypted`,
    );
  }
  return url;
}

function refused(response: HttpResponse, value: Readonly<Record<string, unknown>>): Error {
  const words = [value['details'], value['message'], firstError(value['errors'])].find(
    (text) => typeof text === 'string',
  );
  const where = `Get "${withoutSecrets(response.url)}"`;
  if (response.status === 401 || response.status === 403) {
    return registryUnauthorized(`${where}: unauthorized: ${words ?? 'authentication required'}`);
  }
  return registryUnavailable(`${where}: received unexpected HTTP status: ${response.status}`);
}

function firstError(errors: unknown): unknown {
  const [first] = Array.isArray(errors) ? errors : [];
  return isJsonObject(first) ? first['message'] : undefined;
}

function parseJson(body: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    return isJsonObject(value) ? value : {};
  } catch {
    return {}; // the status tells enough
  }
}
