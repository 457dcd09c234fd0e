import type { Readable } from 'node:stream';
import type { Digest } from '../../shared/digest.js';
import type { ImageConfig } from './image-config.js';
import type { Platform } from './platform.js';
import type { Reference } from './reference.js';

/** An image of this host: its ID is the digest of its config blob. */
export interface Image {
  readonly id: Digest;
  readonly config: ImageConfig;
  /** "docker.io"-less familiar forms as docker shows them: "busybox:latest", "localhost:5000/x:1". */
  readonly repoTags: readonly string[];
  /** "busybox@sha256:…". */
  readonly repoDigests: readonly string[];
  /** Bytes of all layers, unpacked. */
  readonly size: number;
  /** Digest of the top layer's chain; undefined for an image without layers. */
  readonly chainId: Digest | undefined;
  /** The image it was built upon on this host. */
  readonly parent?: Digest | undefined;
  /** When it was given a name last, on this host. */
  readonly taggedAt?: string | undefined;
}

export interface RemovedImage {
  readonly untagged: readonly string[];
  readonly deleted: readonly string[];
}

export interface LoadOptions {
  readonly platform?: Platform | undefined;
  readonly signal?: AbortSignal | undefined;
}

export interface SaveOptions {
  /** What the images must be for. */
  readonly platform?: Platform | undefined;
  /** The other layers are left out. */
  readonly only?: ReadonlySet<Digest> | undefined;
}

/**
 * The images of this host. A name is visible only when everything it needs is there and verified.
 * A `name` argument is a reference, a full ID or an unambiguous prefix of one. Throws IMAGE_NOT_FOUND (Docker's
 * words: "No such image: x:latest"), REFERENCE_INVALID ("invalid reference format"), IMAGE_AMBIGUOUS.
 */
export interface ImageStore {
  resolve(name: string): Promise<Image>;
  list(): Promise<readonly Image[]>;
  tag(name: string, reference: string): Promise<void>;
  /**
   * Removes a name, and with the last name the image. `inUse` answers a sentence fragment such as
   * "image is being used by running container 0123456789ab" when a container needs the image; Docker's
   * conflict messages and `force` rules apply.
   */
  remove(name: string, options: RemoveImageOptions): Promise<RemovedImage>;
  /**
   * Takes a docker-archive or OCI layout tar, possibly compressed; answers one line per image as docker prints. With
   * `platform` only the images that are for it.
   */
  load(tar: Readable, options?: LoadOptions): Promise<readonly string[]>;
  /**
   * An archive of images as `docker save` writes it, made while it is read. See `savedImages` for what names bring.
   * Throws IMAGE_PLATFORM_MISMATCH.
   */
  save(names: readonly string[], options?: SaveOptions): Promise<AsyncGenerator<Buffer>>;
  /** A name for a new image, none for undefined; throws REFERENCE_INVALID, before any work is done. */
  parseNewName(name: string | undefined): readonly Reference[];
  /** Makes an image of layers that are there, atomically. Hold the layers' chain IDs until this is done. */
  register(input: RegisterImage): Promise<Image>;
  /** Keeps layers (lowest first) from removal; disposal removes those that no image came to need. */
  hold(chainIds: readonly Digest[]): AsyncDisposable;
  /** Makes an image of a root file system tar, possibly compressed; answers its ID. */
  import(tar: Readable, options: ImportOptions, signal?: AbortSignal): Promise<Digest>;
}

export interface RegisterImage {
  readonly configBlob: Uint8Array;
  /** With tag, or with digest; a tag is taken from the image that had it. */
  readonly references: readonly Reference[];
  /** The image it was built upon on this host. */
  readonly parent?: Digest | undefined;
}

export interface RemoveImageOptions {
  readonly force: boolean;
  readonly noPrune: boolean;
  inUse(id: Digest): { readonly running: boolean; readonly containerId: string } | undefined;
}

export interface ImportOptions {
  readonly reference?: string | undefined;
  readonly message: string;
  readonly platform: { readonly os: string; readonly architecture: string };
  /** Dockerfile instructions, as docker import --change. */
  readonly changes: readonly string[];
}
