/** A volume of any driver. */
export interface Volume {
  readonly name: string;
  readonly driver: string;
  /** Where it is, or for a driver of a third party where it is while it is mounted: else it may be empty. */
  readonly path: string;
  /** RFC 3339; empty where the driver does not tell. */
  readonly createdAt: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly options: Readonly<Record<string, string>>;
  readonly anonymous: boolean;
  readonly scope: 'local' | 'global';
  /** What the driver tells of it beside. */
  readonly status?: Readonly<Record<string, unknown>> | undefined;
}

export interface VolumeSpec {
  /** Without it an anonymous volume is made, named by 64 hex digits. */
  readonly name?: string | undefined;
  /** The name was made up for it: nobody has such a volume. */
  readonly anonymous?: boolean;
  /** "local" when absent or empty. */
  readonly driver?: string | undefined;
  readonly options?: Readonly<Record<string, string>> | undefined;
  readonly labels?: Readonly<Record<string, string>> | undefined;
  /** Of the local driver: fills a new volume's directory before anybody sees it. When it rejects, there is no volume. */
  readonly fill?: (directory: string) => Promise<void>;
}

export function isAnonymous({ name, anonymous = false }: VolumeSpec): boolean {
  return name === undefined || anonymous;
}

/** Who has a volume mounted, by its name: IDs of containers. */
export type VolumeHolders = ReadonlyMap<string, ReadonlySet<string>>;

export interface VolumeStore {
  /**
   * Idempotent for the same name and driver. Throws VOLUME_NAME_INVALID, VOLUME_OPTION_INVALID, VOLUME_NAME_TAKEN,
   * PLUGIN_NOT_FOUND, PLUGIN_FAILED.
   */
  create(spec: VolumeSpec): Promise<Volume>;
  /** Throws VOLUME_NOT_FOUND: "get NAME: no such volume". */
  get(name: string): Promise<Volume>;
  has(name: string): Promise<boolean>;
  list(): Promise<readonly Volume[]>;
  /** Succeeds when there is none; answers whether there was one. */
  remove(name: string): Promise<boolean>;
  /**
   * Makes the volume usable and answers its path. It stays mounted until its last holder gives it back; the same
   * holder counts once. Throws VOLUME_NOT_FOUND, VOLUME_MOUNT_FAILED, PLUGIN_FAILED.
   */
  mount(name: string, holder: string): Promise<string>;
  /** Succeeds when the holder does not have it. */
  unmount(name: string, holder: string): Promise<void>;
  /** After the agent's start: who holds what. What is mounted and nobody's is unmounted. */
  recover(holders: VolumeHolders): Promise<void>;
  /**
   * Docker's copy-up: an empty volume gets what the image has at the mount point, with owners, modes and times;
   * `directory` is the path in the mounted root. Does nothing when the volume has content or the path is none.
   */
  copyUp(name: string, root: string, directory: string): Promise<void>;
}
