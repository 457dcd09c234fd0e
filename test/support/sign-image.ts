import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';
import { digestHex } from '../../src/shared/digest.js';
import type { TestRegistry } from './registry.js';

export interface TestKey {
  readonly privateKey: KeyObject;
  /** PEM, as cosign.pub. */
  readonly publicKey: string;
}

export function testKey(type: 'ec' | 'ed25519' | 'rsa' = 'ec'): TestKey {
  const pair =
    type === 'ec'
      ? generateKeyPairSync('ec', { namedCurve: 'P-256' })
      : type === 'rsa'
        ? generateKeyPairSync('rsa', { modulusLength: 2048 })
        : generateKeyPairSync('ed25519');
  return {
    privateKey: pair.privateKey,
    publicKey: pair.publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}

export interface Signing {
  readonly repository: string;
  readonly digest: string;
  readonly key: TestKey;
  /** In the payload; the repository by default, as cosign writes it. */
  readonly reference?: string;
  /** In the payload, in place of the image's. */
  readonly claimedDigest?: string;
}

/** Signs an image as `cosign sign --key` does, and answers the digest of the signature's manifest. */
export async function signImage(
  registry: TestRegistry,
  signing: Signing,
  where: 'tag' | 'referrers' = 'tag',
): Promise<void> {
  const { repository, digest, key, reference = `${registry.host}/${repository}` } = signing;
  const payload = Buffer.from(
    JSON.stringify({
      critical: {
        identity: { 'docker-reference': reference },
        image: { 'docker-manifest-digest': signing.claimedDigest ?? digest },
        type: 'cosign container image signature',
      },
      optional: null,
    }),
  );
  const algorithm = key.privateKey.asymmetricKeyType === 'ed25519' ? null : 'sha256';
  const signature = sign(algorithm, payload, key.privateKey).toString('base64');
  const config = await registry.putBlob(repository, Buffer.from('{}'));
  const layer = {
    mediaType: 'application/vnd.dev.cosign.simplesigning.v1+json',
    ...(await registry.putBlob(repository, payload)),
    annotations: { 'dev.cosignproject.cosign/signature': signature },
  };
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: manifestType,
    config: { mediaType: 'application/vnd.oci.image.config.v1+json', ...config },
    layers: [layer],
  });
  const hex = digestHex(digest as `sha256:${string}`);
  if (where === 'tag') await registry.putManifest(repository, `sha256-${hex}.sig`, manifestType, manifest);
  else await refer(registry, repository, hex, manifest);
}

/** The fall-back of OCI's distribution-spec, for registries without the referrers end point. */
async function refer(
  registry: TestRegistry,
  repository: string,
  hex: string,
  manifest: string,
): Promise<void> {
  const referrer = await registry.putManifest(
    repository,
    `referrer-${hex.slice(0, 8)}`,
    manifestType,
    manifest,
  );
  const entry = {
    ...{ mediaType: manifestType, digest: referrer, size: Buffer.byteLength(manifest) },
    artifactType: 'application/vnd.dev.cosign.artifact.sig.v1+json',
  };
  const index = { schemaVersion: 2, mediaType: indexType, manifests: [entry] };
  await registry.putManifest(repository, `sha256-${hex}`, indexType, JSON.stringify(index));
}

const manifestType = 'application/vnd.oci.image.manifest.v1+json';
const indexType = 'application/vnd.oci.image.index.v1+json';
