import { isTsmachineError } from '../../shared/errors.js';
import { isJsonObject } from '../../shared/json.js';
import type { Reference } from '../image/reference.js';
import { type Challenge, parseChallenges } from './challenge.js';
import {
  pushDenied,
  type RegistryFault,
  registryBroken,
  registryFault,
  registryUnauthorized,
  registryUnavailable,
  retryAfterOf,
  withoutSecrets,
} from './errors.js';
import { type HttpResponse, readBody } from './http-exchange.js';

export interface FailureContext {
  readonly reference: Reference;
  readonly isPush: boolean;
  /** The request had credentials or a token. */
  readonly isAuthorized: boolean;
  readonly stallMs: number;
}

/** What an answer that is no success means, in Docker's words; its body is read. */
export async function responseFailure(
  response: HttpResponse,
  { reference, isPush, isAuthorized, stallMs }: FailureContext,
): Promise<Error> {
  const body = await readBody(response, 1 << 20, stallMs).catch((error) => {
    if (isTsmachineError(error)) return Buffer.alloc(0);
    throw error;
  });
  const challenges = challengesOf(response);
  if (response.status === 401 && challenges.some((each) => each.scheme === 'basic') && !isAuthorized) {
    return registryUnauthorized(`Get "${withoutSecrets(response.url)}": no basic auth credentials`);
  }
  const fault = challengeFault(challenges) ?? bodyFault(body);
  if (fault?.code === 'DENIED' && isPush) return pushDenied(fault.message);
  const retryAfter = retryAfterOf(response.headers['retry-after']);
  if (fault) return registryFault(fault, reference, retryAfter);
  const text =
    `received unexpected HTTP status: ${response.status} ${response.body.statusMessage ?? ''}`.trim();
  if (response.status === 429) return registryUnavailable(`toomanyrequests: ${text}`, retryAfter);
  return response.status >= 500 ? registryUnavailable(text, retryAfter) : registryBroken(text);
}

export function challengesOf(response: HttpResponse): readonly Challenge[] {
  return parseChallenges(response.headers['www-authenticate']);
}

/** RFC 6750, section 3.1. */
function challengeFault(challenges: readonly Challenge[]): RegistryFault | undefined {
  for (const { scheme, parameters } of challenges) {
    const message = parameters['error_description'];
    if (scheme !== 'bearer') continue;
    if (parameters['error'] === 'insufficient_scope') {
      return { code: 'DENIED', message: message ?? 'requested access to the resource is denied' };
    }
    if (parameters['error'] === 'invalid_token') {
      return { code: 'UNAUTHORIZED', message: message ?? 'authentication required' };
    }
  }
  return undefined;
}

function bodyFault(body: Buffer): RegistryFault | undefined {
  try {
    const value: unknown = JSON.parse(body.toString('utf8'));
    const [first] = isJsonObject(value) && Array.isArray(value['errors']) ? value['errors'] : [];
    if (!isJsonObject(first) || typeof first['code'] !== 'string') return undefined;
    const { code, message } = first;
    return { code, message: typeof message === 'string' ? message : code.toLowerCase() };
  } catch {
    return undefined; // not a registry's own words
  }
}
