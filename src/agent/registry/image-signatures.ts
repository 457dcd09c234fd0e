import { type Digest, digestHex, isDigest } from '../../shared/digest.js';
import { isTsmachineError } from '../../shared/errors.js';
import { isJsonObject, type JsonObject } from '../../shared/json.js';
import type { Signature } from '../trust/simple-signing.js';
import { registryBroken } from './errors.js';
import type { RegistryClient } from './registry-client.js';

/** More than anybody signs an image, and an end for a registry that wants to keep us busy. */
const mostSignatures = 50;
const largestPayload = 1 << 20;

/**
 * The signatures that a repository has for a manifest: cosign's tag "sha256-HEX.sig" (SIGNATURE_SPEC.md), and those that
 * refer to it (OCI distribution-spec 1.1, "Listing Referrers", with its fall-back tag).
 */
export async function imageSignatures(client: RegistryClient, digest: Digest): Promise<readonly Signature[]> {
  const tagged = await manifestOf(client, `sha256-${digestHex(digest)}.sig`);
  const found = tagged ? await signaturesIn(client, tagged) : [];
  for (const referrer of await referrersOf(client, digest)) {
    if (found.length >= mostSignatures) break;
    const manifest = await manifestOf(client, referrer);
    if (manifest) found.push(...(await signaturesIn(client, manifest)));
  }
  return found;
}

async function referrersOf(client: RegistryClient, digest: Digest): Promise<readonly string[]> {
  const index =
    (await client.referrers(digest).then(parse, ignoreUnknown)) ??
    (await manifestOf(client, `sha256-${digestHex(digest)}`));
  const manifests = Array.isArray(index?.['manifests']) ? index['manifests'].filter(isJsonObject) : [];
  return manifests
    .filter(({ artifactType }) => artifactType === signatureArtifact)
    .flatMap(({ digest: referrer }) => (typeof referrer === 'string' && isDigest(referrer) ? [referrer] : []))
    .slice(0, mostSignatures);
}

async function signaturesIn(client: RegistryClient, manifest: JsonObject): Promise<Signature[]> {
  const layers = Array.isArray(manifest['layers']) ? manifest['layers'].filter(isJsonObject) : [];
  const found: Signature[] = [];
  for (const { mediaType, digest, size, annotations } of layers.slice(0, mostSignatures)) {
    const encoded = isJsonObject(annotations) ? annotations[signatureAnnotation] : undefined;
    const isSignature = mediaType === payloadType && typeof encoded === 'string';
    if (!isSignature || typeof digest !== 'string' || !isDigest(digest)) continue;
    if (typeof size !== 'number' || size > largestPayload) throw registryBroken('a signature is too large');
    found.push({ payload: await client.blob(digest), signature: Buffer.from(encoded, 'base64') });
  }
  return found;
}

const signatureArtifact = 'application/vnd.dev.cosign.artifact.sig.v1+json';
const payloadType = 'application/vnd.dev.cosign.simplesigning.v1+json';
const signatureAnnotation = 'dev.cosignproject.cosign/signature';

async function manifestOf(client: RegistryClient, tagOrDigest: string): Promise<JsonObject | undefined> {
  const manifest = await client.manifest(tagOrDigest).catch(ignoreUnknown);
  return manifest && parse(manifest.content);
}

function parse(content: Buffer): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(content.toString());
    return isJsonObject(value) ? value : undefined;
  } catch {
    return undefined; // then it is no signature
  }
}

/** A registry that does not have it, or does not know of referrers. */
function ignoreUnknown(error: unknown): undefined {
  if (isTsmachineError(error) && (error.kind === 'not-found' || error.code === 'REGISTRY_BROKEN')) return;
  throw error;
}
