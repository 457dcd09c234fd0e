/** A named or anonymous local volume. */
export interface Volume {
  readonly name: string;
  readonly path: string;
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly anonymous: boolean;
}

/** Volumes of the "local" driver, one directory each. */
export interface VolumeStore {
  /** Idempotent for the same name. Without a name makes an anonymous one, named by 64 hex digits. */
  create(spec: {
    readonly name?: string;
    readonly labels?: Readonly<Record<string, string>>;
  }): Promise<Volume>;
  /** Throws VOLUME_NOT_FOUND: "get NAME: no such volume". */
  get(name: string): Promise<Volume>;
  list(): Promise<readonly Volume[]>;
  /** Succeeds when there is none. */
  remove(name: string): Promise<void>;
  /**
   * Docker's copy-up: an empty volume gets what the image has at the mount point, with owners, modes and times;
   * `directory` is the path in the mounted root. Does nothing when the volume has content or the path is none.
   */
  copyUp(name: string, root: string, directory: string): Promise<void>;
}
