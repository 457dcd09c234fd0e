import { type KeyObject, verify } from 'node:crypto';
import { isJsonObject } from '../../shared/json.js';

/** A signature as cosign keeps it in a registry: what was signed, and by it. */
export interface Signature {
  readonly payload: Buffer;
  readonly signature: Buffer;
}

/** What a payload says (containers/image, containers-signature(5); cosign, SIGNATURE_SPEC.md). */
export interface SignedClaim {
  /** Of the manifest or index. */
  readonly digest: string;
  /** "registry/repository", with a tag or not. */
  readonly reference: string;
}

/** Undefined when none of the keys has made it, or when it does not say what a signature of an image says. */
export function verifiedClaim(
  { payload, signature }: Signature,
  keys: readonly KeyObject[],
): SignedClaim | undefined {
  return keys.some((key) => isMadeBy(key, payload, signature)) ? claimOf(payload) : undefined;
}

function isMadeBy(key: KeyObject, payload: Buffer, signature: Buffer): boolean {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  try {
    return verify(algorithm, payload, key, signature);
  } catch {
    return false; // of another kind than the key
  }
}

function claimOf(payload: Buffer): SignedClaim | undefined {
  const { critical } = parse(payload);
  if (!isJsonObject(critical) || critical['type'] !== 'cosign container image signature') return undefined;
  const { image, identity } = critical;
  const digest = isJsonObject(image) ? image['docker-manifest-digest'] : undefined;
  const reference = isJsonObject(identity) ? identity['docker-reference'] : undefined;
  return typeof digest === 'string' && typeof reference === 'string' ? { digest, reference } : undefined;
}

function parse(payload: Buffer): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(payload.toString());
    return isJsonObject(value) ? value : {};
  } catch {
    return {};
  }
}
