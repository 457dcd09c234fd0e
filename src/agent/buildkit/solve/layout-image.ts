import { type Digest, isDigest } from '../../../shared/digest.js';
import { isJsonObject, type JsonObject } from '../../../shared/json.js';
import type { BuildPlatform } from '../../build/exec/request.js';
import { decodeImageConfig, diffIdsOf } from '../../image/decode-image-config.js';
import type { ImageConfig } from '../../image/image-config.js';
import { ClientContent } from '../cache/client-content.js';
import { solveInvalid } from '../errors.js';
import type { SolveContext } from './solve-context.js';

/** An image of an OCI layout of the client's ("STORE:TAG@DIGEST"); its layers are kept until disposal. */
export async function layoutImage(
  { host, session, status, signal }: SolveContext,
  { name, value }: { readonly name: string; readonly value: string },
  resources: AsyncDisposableStack,
): Promise<ImageConfig> {
  const [place = '', digest = ''] = value.split('@');
  if (!isDigest(digest)) throw solveInvalid(`invalid OCI layout of the context ${name}: it has no digest`);
  return await status.during(`[context ${name}] OCI load from client`, async () => {
    const content = new ClientContent(session, `oci:${place.replace(/:.*$/, '')}`, signal);
    const manifest = await imageManifest(content, digest, host.platform);
    const config = decodeImageConfig(await content.document(digestIn(manifest['config'])));
    const blobs = Array.isArray(manifest['layers']) ? manifest['layers'].map(digestIn) : [];
    const diffIds = diffIdsOf(config);
    if (blobs.length !== diffIds.length)
      throw solveInvalid(`the image of the context ${name} has ${blobs.length} layers for ${diffIds.length}`);
    const layers = diffIds.flatMap((diffId, index) => {
      const blob = blobs[index];
      return blob ? [{ diffId, open: () => content.open(blob) }] : [];
    });
    resources.use(await host.takeLayers(layers, signal));
    return config;
  });
}

/** That of this platform, where there are several. */
async function imageManifest(
  content: ClientContent,
  digest: Digest,
  platform: BuildPlatform,
): Promise<JsonObject> {
  let manifest = parse(await content.document(digest));
  for (let depth = 0; Array.isArray(manifest['manifests']) && depth < 3; depth++) {
    const chosen = manifest['manifests'].find((each) => isFor(each, platform));
    if (!chosen) throw solveInvalid(`no match for platform in manifest ${digest}: not found`);
    manifest = parse(await content.document(digestIn(chosen)));
  }
  return manifest;
}

function isFor(descriptor: unknown, { os, architecture }: BuildPlatform): boolean {
  const platform = isJsonObject(descriptor) ? descriptor['platform'] : undefined;
  if (!isJsonObject(platform)) return true;
  return platform['os'] === os && platform['architecture'] === architecture;
}

function digestIn(descriptor: unknown): Digest {
  const digest = isJsonObject(descriptor) ? descriptor['digest'] : undefined;
  if (typeof digest === 'string' && isDigest(digest)) return digest;
  throw solveInvalid('a descriptor of the OCI layout has no sha256 digest');
}

function parse(document: Buffer): JsonObject {
  try {
    const value: unknown = JSON.parse(document.toString('utf8'));
    if (isJsonObject(value)) return value;
  } catch {
    // told below
  }
  throw solveInvalid('a manifest of the OCI layout is not a JSON object');
}
