import type { Digest } from '../../shared/digest.js';
import { familiarReference, formatReference, type Reference } from '../image/reference.js';
import { imageNotTrusted } from '../trust/errors.js';
import type { Requirements } from '../trust/image-policy.js';
import type { ImagePolicyFile } from '../trust/image-policy-file.js';
import { isSignedFor } from '../trust/signed-identity.js';
import { type Signature, verifiedClaim } from '../trust/simple-signing.js';
import { imageSignatures } from './image-signatures.js';
import type { RegistryClient } from './registry-client.js';

/**
 * Lets an image in when the policy of this host does. `digests` are those of the manifest that was asked for and of
 * the one for this platform, either of which may be signed. Throws IMAGE_NOT_TRUSTED, IMAGE_POLICY_INVALID.
 */
export async function passSignatureGate(
  policy: ImagePolicyFile | undefined,
  client: RegistryClient,
  reference: Reference,
  digests: readonly Digest[],
): Promise<void> {
  const name = familiarReference(reference);
  const requirements = (await policy?.requirements('docker', scopesOf(reference), name)) ?? [];
  if (!requirements.some(({ type }) => type === 'sigstoreSigned')) return;
  const signed: { readonly digest: Digest; readonly signature: Signature }[] = [];
  for (const digest of new Set(digests)) {
    for (const signature of await imageSignatures(client, digest)) signed.push({ digest, signature });
  }
  if (signed.length === 0) throw imageNotTrusted(name, 'it needs a signature, and there is none');
  checkAll(requirements, reference, signed);
}

function checkAll(
  requirements: Requirements,
  reference: Reference,
  signed: readonly { readonly digest: Digest; readonly signature: Signature }[],
): void {
  const name = familiarReference(reference);
  const { tag, digest: askedDigest, ...repository } = reference;
  const asked = { repository: formatReference(repository), tag: askedDigest ? undefined : tag };
  for (const requirement of requirements) {
    if (requirement.type !== 'sigstoreSigned') continue;
    const { keys, identity } = requirement;
    const claims = signed.flatMap(({ digest, signature }) => {
      const claim = verifiedClaim(signature, keys);
      return claim && claim.digest === digest ? [claim] : [];
    });
    if (claims.length === 0) throw imageNotTrusted(name, 'none of its signatures is by a key that it names');
    if (!claims.some((claim) => isSignedFor(identity, claim.reference, asked))) {
      throw imageNotTrusted(name, `its signature is for ${claims[0]?.reference}`);
    }
  }
}

/** The narrowest first: the tag or digest, the repository, what it is in, the host, wildcards of its domain. */
function scopesOf(reference: Reference): readonly string[] {
  const { domain, path } = reference;
  const parts = path.split('/');
  const paths = parts.map((_, index) => `${domain}/${parts.slice(0, parts.length - index).join('/')}`);
  const labels = domain.replace(/:\d+$/, '').split('.');
  const wildcards = labels.slice(1).map((_, index) => `*.${labels.slice(index + 1).join('.')}`);
  return [formatReference(reference), ...paths, domain, ...wildcards];
}
