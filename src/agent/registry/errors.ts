import { errorMessage, systemErrorCode, TsmachineError } from '../../shared/errors.js';
import { familiarName, familiarReference, type Reference } from '../image/reference.js';

/** One error as a registry reports it (OCI distribution-spec, "Error Codes"). */
export interface RegistryFault {
  readonly code: string;
  readonly message: string;
}

/** Docker's words for what a registry answered; `reference` is what was asked for. */
export function registryFault(
  fault: RegistryFault,
  reference: Reference,
  retryAfter?: RetryAfter,
): TsmachineError {
  const text = `${fault.code.toLowerCase().replaceAll('_', ' ')}: ${fault.message}`;
  switch (fault.code) {
    case 'DENIED':
      return new TsmachineError(
        'not-found',
        'REGISTRY_DENIED',
        `pull access denied for ${familiarName(reference)}, repository does not exist or may require 'docker login': ${text}`,
      );
    case 'MANIFEST_UNKNOWN':
      return imageUnknown(`manifest for ${familiarReference(reference)} not found: ${text}`);
    case 'NAME_UNKNOWN':
      return imageUnknown(`repository ${familiarName(reference)} not found: ${text}`);
    case 'UNAUTHORIZED':
      return registryUnauthorized(text);
    case 'TOOMANYREQUESTS':
      return registryUnavailable(text, retryAfter);
    default:
      return new TsmachineError('internal', 'REGISTRY_REFUSED', text);
  }
}

export function imageUnknown(message: string): TsmachineError {
  return new TsmachineError('not-found', 'IMAGE_NOT_FOUND', message);
}

export function registryUnauthorized(message: string): TsmachineError {
  return new TsmachineError('unauthenticated', 'REGISTRY_UNAUTHORIZED', message);
}

/** Docker's words for a push of what has no such name here. */
export function nothingToPush(name: string, tag?: string): TsmachineError {
  const message =
    tag === undefined
      ? `An image does not exist locally with the tag: ${name}`
      : `tag does not exist: ${name}:${tag}`;
  return imageUnknown(message);
}

/** Not "pull access denied", as for a pull. */
export function pushDenied(message: string): TsmachineError {
  return new TsmachineError('unauthenticated', 'REGISTRY_DENIED', `denied: ${message}`);
}

export function digestPushRefused(): TsmachineError {
  return new TsmachineError('invalid-argument', 'REFERENCE_INVALID', 'cannot push a digest reference');
}

/** When a registry wants to be asked again. */
export class RetryAfter extends Error {
  readonly ms: number;

  constructor(ms: number) {
    super(`the registry wants to be asked again in ${Math.ceil(ms / 1000)}s`);
    this.ms = ms;
  }
}

/** Of the header: seconds or a date (RFC 9110, section 10.2.3). */
export function retryAfterOf(header: string | undefined, now = Date.now()): RetryAfter | undefined {
  if (header === undefined) return undefined;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - now;
  return ms > 0 ? new RetryAfter(ms) : undefined;
}

/** Worth another try. */
export function registryUnavailable(message: string, cause?: unknown): TsmachineError {
  return new TsmachineError('unavailable', 'REGISTRY_UNREACHABLE', message, { cause });
}

/** The other side does not keep to the protocol: no other try. */
export function registryBroken(message: string): TsmachineError {
  return new TsmachineError('data-loss', 'REGISTRY_BROKEN', message);
}

export function blobDigestMismatch(digest: string): TsmachineError {
  return registryBroken(`filesystem layer verification failed for digest ${digest}`);
}

export function noMatchingPlatform(platform: string): TsmachineError {
  return imageUnknown(`no matching manifest for ${platform} in the manifest list entries`);
}

export function manifestUnsupported(message: string): TsmachineError {
  return new TsmachineError('not-implemented', 'REGISTRY_MANIFEST_UNSUPPORTED', message);
}

/** A failed connection, as Go's net/http (and so docker) words it. */
export function connectionFailed(method: string, url: URL, error: unknown): TsmachineError {
  const verb = `${method[0]}${method.slice(1).toLowerCase()}`;
  return registryUnavailable(`${verb} "${withoutSecrets(url)}": ${reason(url, error)}`, error);
}

/** Query parameters of a redirect may be signatures. */
export function withoutSecrets(url: URL): string {
  return `${url.origin}${url.pathname}`;
}

function reason(url: URL, error: unknown): string {
  const code = systemErrorCode(error) ?? '';
  const at = url.host.includes(':') ? url.host : `${url.host}:${url.protocol === 'http:' ? 80 : 443}`;
  if (code === 'ECONNREFUSED') return `dial tcp ${at}: connect: connection refused`;
  if (code === 'ENOTFOUND') return `dial tcp: lookup ${url.hostname}: no such host`;
  if (code === 'EHOSTUNREACH') return `dial tcp ${at}: connect: no route to host`;
  if (code === 'ENETUNREACH') return `dial tcp ${at}: connect: network is unreachable`;
  if (code === 'ECONNRESET') return 'EOF';
  if (
    code === 'EPROTO' ||
    code === 'ERR_SSL_WRONG_VERSION_NUMBER' ||
    code === 'ERR_SSL_PACKET_LENGTH_TOO_LONG'
  ) {
    return 'http: server gave HTTP response to HTTPS client';
  }
  if (unknownAuthority.has(code)) {
    return 'tls: failed to verify certificate: x509: certificate signed by unknown authority';
  }
  return errorMessage(error);
}

const unknownAuthority: ReadonlySet<string> = new Set([
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
]);

/** Docker's words. */
export function clientKeyMissing(certificate: string, key: string): TsmachineError {
  return new TsmachineError(
    'invalid-argument',
    'REGISTRY_CERTIFICATE_INVALID',
    `missing key ${key} for client certificate ${certificate}. CA certificates must use the extension .crt`,
  );
}
