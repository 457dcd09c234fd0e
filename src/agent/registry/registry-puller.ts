import type { Digest } from '../../shared/digest.js';
import { isTsmachineError } from '../../shared/errors.js';
import type { BlobRecords } from '../image/blob-records.js';
import type { ContentStore } from '../image/content-store.js';
import { decodeImageConfig, diffIdsOf } from '../image/decode-image-config.js';
import type { FileImageStore } from '../image/file-image-store.js';
import {
  familiarReference,
  formatReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from '../image/reference.js';
import { chainIdsOf } from '../layer/chain-id.js';
import type { LayerStore } from '../layer/layer-store.js';
import type { ImagePolicyFile } from '../trust/image-policy-file.js';
import { imageUnknown, noMatchingPlatform, registryBroken } from './errors.js';
import { pullLayers } from './layer-pull.js';
import {
  choosePlatform,
  decodeManifest,
  formatPlatform,
  type ImageManifest,
  type Platform,
} from './manifest.js';
import type { Puller, PullRequest } from './puller.js';
import { dockersCertificates } from './registry-agents.js';
import { RegistryClient } from './registry-client.js';
import { isInsecure, registryHosts } from './registry-hosts.js';
import { retrying } from './retry.js';
import { passSignatureGate } from './signature-gate.js';

export interface RegistryPullerOptions {
  readonly images: FileImageStore;
  readonly layers: LayerStore;
  readonly content: ContentStore;
  readonly blobs?: BlobRecords;
  /** Hosts, host:port or CIDR blocks; loopback always is. */
  readonly insecureRegistries?: readonly string[];
  /** Base URLs that stand before Docker Hub. */
  readonly registryMirrors?: readonly string[];
  /** Docker's name of this host's architecture: "amd64". */
  readonly architecture: string;
  readonly certificatesDirectories?: readonly string[];
  /** Which signatures are needed. */
  readonly policy?: ImagePolicyFile;
  /** No byte for this long ends a connection. */
  readonly stallMs?: number;
  readonly firstRetryDelayMs?: number;
}

/** Pulls images as docker does, with the same messages in the same order. Nothing of a failed pull remains. */
export class RegistryPuller implements Puller {
  readonly #options: RegistryPullerOptions;

  constructor(options: RegistryPullerOptions) {
    this.#options = options;
  }

  async pull(request: PullRequest): Promise<void> {
    const named = parseReference(request.reference);
    const reference = request.allTags ? named : withDefaultTag(named);
    if (formatReference(reference).startsWith('docker.io/library/scratch:')) {
      throw imageUnknown(`'scratch' is a reserved name`);
    }
    const hosts = registryHosts(reference.domain, this.#options.registryMirrors ?? []);
    let failure: unknown;
    for (const [index, host] of hosts.entries()) {
      try {
        await this.#pullFrom(host, reference, { ...request, ...(index < hosts.length - 1 && withoutLogin) });
        return;
      } catch (error) {
        request.signal.throwIfAborted();
        failure = error;
      }
    }
    throw failure;
  }

  async #pullFrom(host: string, reference: Reference, request: PullRequest): Promise<void> {
    const client = await this.#connect(host, reference, request);
    try {
      const tags = request.allTags ? await this.#retry(request, () => client.tags()) : [undefined];
      for (const tag of tags)
        await this.#pullWith(client, tag === undefined ? reference : { ...reference, tag }, request);
    } finally {
      client.close();
    }
  }

  async #pullWith(client: RegistryClient, reference: Reference, request: PullRequest): Promise<void> {
    const tagOrDigest = reference.digest ?? reference.tag ?? 'latest';
    const top = await this.#retry(request, () => client.manifest(tagOrDigest));
    const { manifest, digest } = await this.#imageManifest(client, top, request);
    await this.#retry(request, () =>
      passSignatureGate(this.#options.policy, client, reference, [top.digest, digest]),
    );
    request.progress({ status: `Pulling from ${reference.path}`, id: tagOrDigest });
    const before = await this.#idOf(familiarReference(reference));
    const id = await this.#pullImage(client, manifest, request, (configBlob) =>
      this.#register(configBlob, manifest, reference, top.digest),
    );
    request.progress({ status: `Digest: ${top.digest}` });
    const status = id === before ? 'Image is up to date for' : 'Downloaded newer image for';
    request.progress({ status: `Status: ${status} ${familiarReference(reference)}` });
  }

  #connect(host: string, reference: Reference, request: PullRequest): Promise<RegistryClient> {
    return RegistryClient.connect({
      host,
      reference,
      credentials: request.credentials,
      insecure: isInsecure(host.replace(/^https?:\/\//, ''), this.#options.insecureRegistries ?? []),
      certificatesDirectories: this.#options.certificatesDirectories ?? dockersCertificates,
      signal: request.signal,
      stallMs: this.#options.stallMs ?? 60_000,
    });
  }

  async #imageManifest(
    client: RegistryClient,
    top: FetchedManifest,
    request: PullRequest,
  ): Promise<{ readonly manifest: ImageManifest; readonly digest: Digest }> {
    const platform: Platform = request.platform ?? { os: 'linux', architecture: this.#options.architecture };
    let { digest } = top;
    let manifest = decodeManifest(top.content);
    for (let depth = 0; manifest.kind === 'index' && depth < 3; depth++) {
      const chosen = choosePlatform(manifest, platform);
      if (!chosen) throw noMatchingPlatform(formatPlatform(platform));
      digest = chosen.digest;
      manifest = decodeManifest((await this.#retry(request, () => client.manifest(digest))).content);
    }
    if (manifest.kind === 'index') throw registryBroken('manifest lists are nested too deeply');
    return { manifest, digest };
  }

  async #pullImage(
    client: RegistryClient,
    manifest: ImageManifest,
    request: PullRequest,
    register: (configBlob: Buffer) => Promise<Digest>,
  ): Promise<Digest> {
    const { images, layers, content } = this.#options;
    const known = await this.#idOf(manifest.config.digest);
    if (known) return register(await content.get(known));
    const configBlob = await this.#retry(request, () => client.blob(manifest.config.digest));
    const config = decodeImageConfig(configBlob);
    const diffIds = diffIdsOf(config);
    if (diffIds.length !== manifest.layers.length) {
      throw registryBroken("layers from manifest don't match image configuration");
    }
    if (config.os !== 'linux')
      throw imageUnknown(`image operating system "${config.os}" cannot be used on this platform`);
    await using _lease = images.hold(chainIdsOf(diffIds));
    await pullLayers({
      client,
      store: layers,
      blobs: this.#options.blobs,
      layers: manifest.layers.flatMap((blob, index) => {
        const diffId = diffIds[index];
        return diffId ? [{ blob, diffId }] : [];
      }),
      progress: request.progress,
      retry: this.#retryOptions(),
      signal: request.signal,
    });
    return await register(configBlob); // the layers are held until then
  }

  /** A pull by tag gives the image the digest, too, unless another platform's image has it. */
  async #register(
    configBlob: Buffer,
    manifest: ImageManifest,
    reference: Reference,
    digest: Digest,
  ): Promise<Digest> {
    const { tag: _tag, ...repository } = reference;
    const canonical: Reference = { ...repository, digest };
    const holder = await this.#idOf(familiarReference(canonical));
    const isTaken = !reference.digest && holder !== undefined && holder !== manifest.config.digest;
    const references = [...(reference.digest ? [] : [reference]), ...(isTaken ? [] : [canonical])];
    return (await this.#options.images.register({ configBlob, references })).id;
  }

  async #idOf(name: string): Promise<Digest | undefined> {
    return this.#options.images.resolve(name).then(
      (image) => image.id,
      (error) => {
        if (isTsmachineError(error) && error.code === 'IMAGE_NOT_FOUND') return undefined;
        throw error;
      },
    );
  }

  #retry<T>(request: PullRequest, work: () => Promise<T>): Promise<T> {
    return retrying(work, { ...this.#retryOptions(), signal: request.signal });
  }

  #retryOptions(): { readonly tries: number; readonly firstDelayMs: number } {
    return { tries: 5, firstDelayMs: this.#options.firstRetryDelayMs ?? 1000 };
  }
}

interface FetchedManifest {
  readonly content: Buffer;
  readonly digest: Digest;
}

/** A mirror is not who the login is for. */
const withoutLogin = { credentials: undefined };
