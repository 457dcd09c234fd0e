import type { ProgressMessage } from '../../api/progress.js';
import { digestOf } from '../../shared/digest.js';
import type { BlobRecords } from '../image/blob-records.js';
import { diffIdsOf } from '../image/decode-image-config.js';
import type { FileImageStore } from '../image/file-image-store.js';
import type { Image } from '../image/image-store.js';
import { requirePlatform } from '../image/platform.js';
import { familiarName, parseReference, type Reference } from '../image/reference.js';
import { chainIdsOf } from '../layer/chain-id.js';
import type { LayerStore } from '../layer/layer-store.js';
import { uploadDocument } from './blob-upload.js';
import { digestPushRefused, nothingToPush } from './errors.js';
import { pushLayers } from './layer-push.js';
import type { Pusher, PushRequest } from './puller.js';
import { dockersCertificates } from './registry-agents.js';
import { RegistryClient } from './registry-client.js';
import { isInsecure, registryHosts } from './registry-hosts.js';
import { retrying } from './retry.js';

export interface RegistryPusherOptions {
  readonly images: FileImageStore;
  readonly layers: LayerStore;
  readonly blobs: BlobRecords;
  readonly insecureRegistries?: readonly string[];
  readonly certificatesDirectories?: readonly string[];
  readonly stallMs?: number;
  readonly firstRetryDelayMs?: number;
}

/** Pushes images as docker does (manifest schema 2, gzip layers), with the same messages in the same order. */
export class RegistryPusher implements Pusher {
  readonly #options: RegistryPusherOptions;

  constructor(options: RegistryPusherOptions) {
    this.#options = options;
  }

  /** All tags of the repository when the reference has none. */
  async push(request: PushRequest): Promise<void> {
    const reference = parseReference(request.reference);
    if (reference.digest) throw digestPushRefused();
    request.progress({
      status: `The push refers to repository [${reference.domain}/${reference.path}]`,
    });
    const tagged = await this.#tagged(reference);
    for (const { image } of tagged) requirePlatform(request.reference, image.config, request.platform);
    const client = await this.#connect(reference, request);
    try {
      for (const { tag, image } of tagged) await this.#pushTag(client, tag, image, request);
    } finally {
      client.close();
    }
  }

  async #tagged(reference: Reference): Promise<readonly { readonly tag: string; readonly image: Image }[]> {
    const name = familiarName(reference);
    const tagged = (await this.#options.images.list()).flatMap((image) =>
      image.repoTags.flatMap((text) => {
        const { tag, ...repository } = parseReference(text);
        return tag && familiarName(repository) === name ? [{ tag, image }] : [];
      }),
    );
    const wanted = tagged.filter(({ tag }) => reference.tag === undefined || tag === reference.tag);
    if (tagged.length === 0) throw nothingToPush(name);
    if (wanted.length === 0) throw nothingToPush(name, reference.tag);
    return wanted.sort((a, b) => (a.tag < b.tag ? -1 : 1));
  }

  async #pushTag(client: RegistryClient, tag: string, image: Image, request: PushRequest): Promise<void> {
    const { images, layers: store, blobs } = this.#options;
    const { signal, progress } = request;
    const diffIds = diffIdsOf(image.config);
    const chainIds = chainIdsOf(diffIds);
    await using _lease = images.hold(chainIds);
    const layers = diffIds.flatMap((diffId, at) => {
      const chainId = chainIds[at];
      return chainId ? [{ chainId, diffId }] : [];
    });
    const retry = this.#retryOptions();
    const pushed = await pushLayers({ client, store, blobs, layers, progress, retry, signal });
    const configBlob = await images.configBlob(image.id);
    const config = await retrying(() => uploadDocument(client, configBlob), { ...retry, signal });
    const manifest = Buffer.from(manifestText(config, pushed));
    await retrying(() => client.putManifest(tag, manifestType, manifest), { ...retry, signal });
    await this.#finish(client, tag, image, manifest, progress);
  }

  async #finish(
    client: RegistryClient,
    tag: string,
    image: Image,
    manifest: Buffer,
    progress: (message: ProgressMessage) => void,
  ): Promise<void> {
    const digest = digestOf(manifest);
    await this.#options.images.addDigest(image.id, { ...client.repository, digest });
    progress({ status: `${tag}: digest: ${digest} size: ${manifest.length}` });
    progress({ progressDetail: {}, aux: { Tag: tag, Digest: digest, Size: manifest.length } });
  }

  /** Mirrors are for pulls. */
  #connect(reference: Reference, request: PushRequest): Promise<RegistryClient> {
    const [host = reference.domain] = registryHosts(reference.domain, []);
    const { tag: _tag, ...repository } = reference;
    return RegistryClient.connect({
      host,
      reference: repository,
      actions: 'pull,push',
      credentials: request.credentials,
      insecure: isInsecure(host, this.#options.insecureRegistries ?? []),
      certificatesDirectories: this.#options.certificatesDirectories ?? dockersCertificates,
      signal: request.signal,
      stallMs: this.#options.stallMs ?? 60_000,
    });
  }

  #retryOptions(): { readonly tries: number; readonly firstDelayMs: number } {
    return { tries: 5, firstDelayMs: this.#options.firstRetryDelayMs ?? 1000 };
  }
}

interface Blob {
  readonly digest: string;
  readonly size: number;
}

/** As Go's json.MarshalIndent with three spaces, which is what docker pushes. */
function manifestText(config: Blob, layers: readonly Blob[]): string {
  const describe = (mediaType: string, { digest, size }: Blob) => ({ mediaType, size, digest });
  const manifest = {
    schemaVersion: 2,
    mediaType: manifestType,
    config: describe('application/vnd.docker.container.image.v1+json', config),
    layers: layers.map((layer) => describe('application/vnd.docker.image.rootfs.diff.tar.gzip', layer)),
  };
  return JSON.stringify(manifest, null, 3);
}

const manifestType = 'application/vnd.docker.distribution.manifest.v2+json';
