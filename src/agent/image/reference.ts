import { type Digest, isDigest } from '../../shared/digest.js';
import { referenceInvalid } from './errors.js';

/**
 * A name of an image, normalised: "busybox" is { domain: "docker.io", path: "library/busybox" }.
 * Grammar and defaults are those of github.com/distribution/reference.
 */
export interface Reference {
  readonly domain: string;
  readonly path: string;
  readonly tag?: string;
  readonly digest?: Digest;
}

/** Throws REFERENCE_INVALID in Docker's words. Adds no tag: see `withDefaultTag`. */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw referenceInvalid(`repository name (${text}) cannot be 64 hexadecimal characters`);
  }
  const { domain, rest } = splitDomain(text);
  const name = rest.replace(/[:@].*$/s, '');
  if (name !== name.toLowerCase()) throw referenceInvalid(`repository name (${name}) must be lowercase`);
  const match = restPattern.exec(rest);
  if (!match || !domainPattern.test(domain)) throw referenceInvalid();
  const [, path = '', tag, digest] = match;
  if (path.length > 255) throw referenceInvalid('repository name must not be more than 255 characters');
  if (digest !== undefined && !isDigest(digest)) throw referenceInvalid();
  return { domain, path, ...(tag && { tag }), ...(digest && { digest }) };
}

/** ":latest" for a name with neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag || reference.digest ? reference : { ...reference, tag: 'latest' };
}

/** The whole name: "docker.io/library/busybox:latest". */
export function formatReference(reference: Reference): string {
  return `${reference.domain}/${reference.path}${suffix(reference)}`;
}

/** As docker shows it: "busybox:latest", "localhost:5000/x@sha256:…". */
export function familiarReference(reference: Reference): string {
  return `${familiarName(reference)}${suffix(reference)}`;
}

/** Without tag and digest. */
export function familiarName({ domain, path }: Reference): string {
  if (domain !== defaultDomain) return `${domain}/${path}`;
  const short = path.startsWith('library/') ? path.slice('library/'.length) : path;
  return short.includes('/') ? path : short;
}

export const defaultDomain = 'docker.io';

const component = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*';
const restPattern = new RegExp(
  `^(${component}(?:/${component})*)(?::([\\w][\\w.-]{0,127}))?(?:@([A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$`,
);
const label = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])';
const domainPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?$`);

/** What stands before the first "/" is a domain only if it looks like one. */
function splitDomain(text: string): { domain: string; rest: string } {
  const slash = text.indexOf('/');
  const first = text.slice(0, Math.max(slash, 0));
  const isDomain =
    slash !== -1 && (/[.:]/.test(first) || first === 'localhost' || first !== first.toLowerCase());
  const domain = isDomain ? first : defaultDomain;
  const rest = isDomain ? text.slice(slash + 1) : text;
  if (domain !== defaultDomain && domain !== 'index.docker.io') return { domain, rest };
  return { domain: defaultDomain, rest: rest.includes('/') ? rest : `library/${rest}` };
}

function suffix({ tag, digest }: Reference): string {
  return `${tag ? `:${tag}` : ''}${digest ? `@${digest}` : ''}`;
}
