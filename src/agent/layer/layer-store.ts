import type { Readable } from 'node:stream';
import type { Digest } from '../../shared/digest.js';
import type { ByteString, TarEntry } from '../../shared/tar/tar-entry.js';
import type { IdMap } from '../userns/id-map.js';
import type { LayerChange } from './layer-changes.js';

/** Digest of a layer's uncompressed tar (OCI image-spec, config.md, "Layer DiffID"). */
export type DiffId = Digest;
/** Digest of a layer applied on all layers below it (OCI image-spec, config.md, "Layer ChainID"). */
export type ChainId = Digest;

export interface NewLayer {
  readonly chainId: ChainId;
  readonly diffId: DiffId;
}

/** A layer that is unpacked and not visible. Disposal removes what was not committed. */
export interface StagedLayer extends AsyncDisposable {
  readonly diffId: DiffId;
  /** Makes it visible upon `parent`; at most one call. Throws LAYER_DIGEST_MISMATCH, LAYER_NOT_FOUND. */
  commit(diffId: DiffId, parent: ChainId | undefined): Promise<ChainId>;
}

export interface WritableOptions {
  /** Bytes that may be written. */
  readonly limit?: number | undefined;
  /** The user namespace in which it is used. Image layers are shared with those of other maps, or none. */
  readonly idMap?: IdMap | undefined;
}

/**
 * Read-only layers are named by their chain ID; a container's writable layer by its key, the container's ID.
 * A committed layer never changes, an active one never becomes a parent. What was half-made when the agent was
 * killed is invisible and removed by `recover`.
 */
export interface LayerStore {
  /** The storage driver's name in `docker info`: "overlay2". */
  readonly driver: string;
  has(chainId: ChainId): Promise<boolean>;
  /**
   * Unpacks an uncompressed layer tar upon `parent` and makes it visible only when its digest is `diffId`.
   * A second call for the same layer, also a concurrent one, is a no-op. Throws LAYER_DIGEST_MISMATCH,
   * LAYER_INVALID (a path that would escape, a damaged tar), NO_SPACE.
   */
  apply(tar: Readable, diffId: DiffId, parent: ChainId | undefined, signal?: AbortSignal): Promise<ChainId>;
  /**
   * Makes a layer upon `parent` of a tar whose digest is not known before, such as `diff` answers. The caller keeps
   * it from being removed (`ImageStore.hold`). Throws LAYER_INVALID, NO_SPACE.
   */
  add(tar: Readable, parent: ChainId | undefined, signal?: AbortSignal): Promise<NewLayer>;
  /** Unpacks a layer tar before anything is known of it. Throws LAYER_INVALID, NO_SPACE. */
  stage(tar: Readable, signal?: AbortSignal): Promise<StagedLayer>;
  /** What the layers contain, upon whatever parents. */
  contents(): Promise<ReadonlySet<DiffId>>;
  /** Bytes of a committed layer's own content. */
  size(chainId: ChainId): Promise<number>;
  /** Bytes of the archive that `tar` answers. Throws LAYER_NOT_FOUND, LAYER_INVALID. */
  tarSize(chainId: ChainId): Promise<number>;
  /**
   * The uncompressed archive that the layer was unpacked from, byte by byte; it ends only when the digest is right.
   * Throws LAYER_NOT_FOUND, LAYER_DIGEST_MISMATCH.
   */
  tar(chainId: ChainId): AsyncGenerator<Buffer>;
  /** The entries of that archive, without reading any file. Throws LAYER_NOT_FOUND, LAYER_INVALID. */
  entries(chainId: ChainId): AsyncGenerator<TarEntry>;
  remove(chainId: ChainId): Promise<void>;
  list(): Promise<readonly ChainId[]>;

  /**
   * Makes a writable layer upon `parent`. Throws when the key is taken, QUOTA_UNSUPPORTED where the host can give no
   * limit.
   */
  prepare(key: string, parent: ChainId | undefined, options?: WritableOptions): Promise<void>;
  /** Mounts the writable layer and answers the root's path; a second call is a no-op. */
  mount(key: string): Promise<string>;
  /** Succeeds when it is not mounted. */
  unmount(key: string): Promise<void>;
  /** Unmounts and deletes the writable layer; succeeds when there is none. */
  discard(key: string): Promise<void>;
  /**
   * What has been changed in a writable layer. `mountPoints` (relative paths) do not count where they are empty: a
   * runtime made them to mount something there.
   */
  changes(key: string, mountPoints?: ReadonlySet<ByteString>): Promise<readonly LayerChange[]>;
  /**
   * The same as an uncompressed layer tar (OCI image-spec, layer.md), in pieces: without entries when nothing has
   * been changed, with owners as a process in the container sees them. The same content always gives the same bytes.
   */
  diff(key: string, mountPoints?: ReadonlySet<ByteString>): AsyncGenerator<Buffer>;
  /**
   * The same as a layer upon the parent, as `add` would make it of `diff`; undefined when nothing has been changed. The
   * files are moved where they can be, and the writable layer is empty then: nothing may use it any more. Throws
   * LAYER_INVALID, NO_SPACE.
   */
  seal(
    key: string,
    mountPoints?: ReadonlySet<ByteString>,
    signal?: AbortSignal,
  ): Promise<NewLayer | undefined>;
  /** Bytes written in the writable layer. */
  usage(key: string): Promise<number>;
  /** Where the parts lie, for `GraphDriver` of inspect. */
  describe(key: string): Readonly<Record<string, string>>;
  /** At start: removes what was half-made, unmounts nothing that is in use. */
  recover(activeKeys: ReadonlySet<string>): Promise<void>;
}
