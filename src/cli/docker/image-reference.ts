import { flagInvalid } from './errors.js';

/** An image's name as people write it, in the parts that `POST /images/create` takes. */
export interface ImageReference {
  /** Without tag and digest, as written: "alpine", "registry:5000/team/app". */
  readonly name: string;
  /** Tag or digest; "latest" when none was written. */
  readonly tag: string;
  readonly hasTag: boolean;
  /** "docker.io/library/alpine:latest". */
  readonly canonical: string;
  /** "alpine:latest". */
  readonly familiar: string;
}

/** NAME[:TAG][@DIGEST]. What a name may be made of is the engine's to judge. Throws FLAG_INVALID when empty. */
export function parseImageReference(text: string): ImageReference {
  const [named = '', digest] = text.split('@', 2);
  const match = /^(.+?)(?::([^:/]+))?$/.exec(named);
  const name = match?.[1];
  if (!name) throw flagInvalid('IMAGE', text, 'the name is empty');
  const tag = digest ?? match?.[2] ?? 'latest';
  const suffix = digest === undefined ? `:${tag}` : `@${digest}`;
  return {
    name,
    tag,
    hasTag: digest !== undefined || match?.[2] !== undefined,
    canonical: canonicalName(name) + suffix,
    familiar: name.replace(/^docker\.io\/(library\/)?/, '') + suffix,
  };
}

/** The first component is a registry when it looks like a host; Docker Hub's own images are in "library". */
function canonicalName(name: string): string {
  const [first = '', ...rest] = name.split('/');
  if (rest.length === 0) return `docker.io/library/${name}`;
  if (first === 'localhost' || /[.:]/.test(first)) return name;
  return `docker.io/${name}`;
}
