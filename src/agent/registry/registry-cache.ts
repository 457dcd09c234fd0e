import type { Readable } from 'node:stream';
import type { Digest } from '../../shared/digest.js';
import { isTsmachineError } from '../../shared/errors.js';
import type { BlobRecords } from '../image/blob-records.js';
import { parseReference, type Reference, withDefaultTag } from '../image/reference.js';
import type { LayerStore } from '../layer/layer-store.js';
import { blobStream } from './blob-stream.js';
import { type UploadedBlob, uploadDocument } from './blob-upload.js';
import { type PushedLayer, pushLayers } from './layer-push.js';
import type { RegistryCredentials } from './puller.js';
import { dockersCertificates } from './registry-agents.js';
import { RegistryClient } from './registry-client.js';
import { isInsecure, registryHosts } from './registry-hosts.js';
import { retrying } from './retry.js';

export interface RegistryCachesOptions {
  readonly layers: LayerStore;
  readonly blobs: BlobRecords;
  readonly insecureRegistries?: readonly string[];
  readonly certificatesDirectories?: readonly string[];
}

export interface OpenCacheOptions {
  readonly credentials: RegistryCredentials | undefined;
  readonly write: boolean;
  /** Its certificate is not verified, whatever the engine's configuration says. */
  readonly insecure: boolean;
  readonly signal: AbortSignal;
}

/** Build caches in registries: `--cache-to` and `--cache-from` with `type=registry`. */
export class RegistryCaches {
  readonly #options: RegistryCachesOptions;

  constructor(options: RegistryCachesOptions) {
    this.#options = options;
  }

  /** Throws REFERENCE_INVALID, REGISTRY_UNREACHABLE, REGISTRY_UNAUTHORIZED. */
  async open(
    name: string,
    { credentials, write, insecure, signal }: OpenCacheOptions,
  ): Promise<RegistryCache> {
    const reference = withDefaultTag(parseReference(name));
    const { tag: _tag, ...repository } = reference;
    const [host = reference.domain] = registryHosts(reference.domain, []);
    const client = await RegistryClient.connect({
      ...{ host, reference: write ? repository : reference, credentials, signal, stallMs: 60_000 },
      ...(write && { actions: 'pull,push' as const }),
      insecure: insecure || isInsecure(host, this.#options.insecureRegistries ?? []),
      certificatesDirectories: this.#options.certificatesDirectories ?? dockersCertificates,
    });
    return new RegistryCache(client, reference, this.#options, signal);
  }
}

/** One of them, by its tag or digest. */
export class RegistryCache implements Disposable {
  readonly #client: RegistryClient;
  readonly #reference: Reference;
  readonly #options: RegistryCachesOptions;
  readonly #signal: AbortSignal;

  constructor(
    client: RegistryClient,
    reference: Reference,
    options: RegistryCachesOptions,
    signal: AbortSignal,
  ) {
    this.#client = client;
    this.#reference = reference;
    this.#options = options;
    this.#signal = signal;
  }

  /** Undefined where nothing is. */
  async manifest(): Promise<Buffer | undefined> {
    try {
      return (await this.#retry(() => this.#client.manifest(this.#name))).content;
    } catch (error) {
      if (isTsmachineError(error) && error.code === 'IMAGE_NOT_FOUND') return undefined;
      throw error;
    }
  }

  document(digest: Digest): Promise<Buffer> {
    return this.#retry(() => this.#client.blob(digest));
  }

  open(blob: { readonly digest: Digest; readonly size: number }): Readable {
    const nobodyAsks = (): void => {};
    return blobStream(this.#client, blob, {
      ...{ ...retry, signal: this.#signal, onProgress: nobodyAsks, onComplete: nobodyAsks },
    });
  }

  /** Answers the blob of each; what the repository has is not sent again. */
  writeLayers(layers: readonly PushedLayer[]): Promise<readonly UploadedBlob[]> {
    const { layers: store, blobs } = this.#options;
    const push = { client: this.#client, store, blobs, layers, retry, signal: this.#signal };
    return pushLayers({ ...push, progress: () => {} });
  }

  async writeDocument(content: Buffer): Promise<void> {
    await this.#retry(() => uploadDocument(this.#client, content));
  }

  async writeManifest(type: string, content: Buffer): Promise<void> {
    await this.#retry(() => this.#client.putManifest(this.#name, type, content));
  }

  get #name(): string {
    return this.#reference.digest ?? this.#reference.tag ?? 'latest';
  }

  #retry<T>(work: () => Promise<T>): Promise<T> {
    return retrying(work, { ...retry, signal: this.#signal });
  }

  [Symbol.dispose](): void {
    this.#client.close();
  }
}

const retry = { tries: 5, firstDelayMs: 1000 };
