import type { SignedIdentity } from './image-policy.js';

/** An image as it is asked for; names are whole ("docker.io/library/alpine"). */
export interface AskedImage {
  readonly repository: string;
  /** Undefined when it is asked for by digest. */
  readonly tag: string | undefined;
}

/** Whether a signature that was made for `signed` is one for the image. */
export function isSignedFor(identity: SignedIdentity, signed: string, asked: AskedImage): boolean {
  const signedRepository = signed.replace(/@.*$/s, '').replace(/:[^/:]*$/, '');
  const exact = asked.tag === undefined ? undefined : `${asked.repository}:${asked.tag}`;
  switch (identity.type) {
    case 'matchRepository':
      return signedRepository === asked.repository;
    case 'matchExact':
      return signed === exact;
    case 'matchRepoDigestOrExact':
      return exact === undefined ? signedRepository === asked.repository : signed === exact;
    case 'exactRepository':
      return signedRepository === identity.name;
    case 'exactReference':
      return signed === identity.name;
    case 'remapIdentity':
      return signedRepository === remapped(asked.repository, identity.prefix, identity.signedPrefix);
  }
}

/** Whole components only: "example.com/a" is no prefix of "example.com/ab". */
function remapped(repository: string, prefix: string, signedPrefix: string): string {
  const rest = repository.slice(prefix.length);
  const isBelow = repository.startsWith(prefix) && (rest === '' || rest.startsWith('/'));
  return isBelow ? `${signedPrefix}${rest}` : repository;
}
