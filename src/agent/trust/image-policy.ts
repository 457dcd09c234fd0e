import type { KeyObject } from 'node:crypto';

/** Where an image comes from, in the words of containers-policy.json(5). */
export type Transport = 'docker' | 'docker-archive' | 'tarball';

/** All of them must hold. */
export type Requirements = readonly Requirement[];

export type Requirement =
  | { readonly type: 'insecureAcceptAnything' }
  | { readonly type: 'reject' }
  | {
      /** A signature of one of these keys for this identity. */
      readonly type: 'sigstoreSigned';
      readonly keys: readonly KeyObject[];
      readonly identity: SignedIdentity;
    };

/** Which name a signature must be made for, so that one of another image will not do. */
export type SignedIdentity =
  | { readonly type: 'matchRepository' | 'matchExact' | 'matchRepoDigestOrExact' }
  | { readonly type: 'exactRepository' | 'exactReference'; readonly name: string }
  | { readonly type: 'remapIdentity'; readonly prefix: string; readonly signedPrefix: string };

export interface ImagePolicy {
  readonly default: Requirements;
  /** By transport and scope. */
  readonly transports: ReadonlyMap<string, ReadonlyMap<string, Requirements>>;
}

/**
 * What an image must fulfil. `scopes` are its names, the narrowest first; the empty one stands for the whole transport
 * and is tried behind them.
 */
export function requirementsFor(
  policy: ImagePolicy,
  transport: Transport,
  scopes: readonly string[],
): Requirements {
  const rules = policy.transports.get(transport);
  const found = [...scopes, ''].map((scope) => rules?.get(scope)).find((requirements) => requirements);
  return found ?? policy.default;
}
