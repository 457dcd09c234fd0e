import type { Extensions, ExtraHosts, FileReference, Strings, Ulimit } from './elements.js';

/** How a service's image is built. */
export interface Build {
  /** Absolute path of a directory, or a URL. */
  readonly context?: string | undefined;
  /** Relative to the context, or absolute. */
  readonly dockerfile?: string | undefined;
  readonly dockerfileInline?: string | undefined;
  readonly entitlements: readonly string[];
  /** `null`: taken from the environment of the builder's client, where it is there. */
  readonly args: Readonly<Record<string, string | null>>;
  readonly ssh: readonly SshKey[];
  readonly labels: Strings;
  readonly cacheFrom: readonly string[];
  readonly cacheTo: readonly string[];
  readonly noCache: boolean;
  /** Name → absolute path, URL, `docker-image://…` or `service:NAME`. */
  readonly additionalContexts: Strings;
  readonly pull: boolean;
  readonly extraHosts: ExtraHosts;
  readonly isolation?: string | undefined;
  readonly network?: string | undefined;
  readonly target?: string | undefined;
  readonly secrets: readonly FileReference[];
  /** Bytes. */
  readonly shmSize?: number | undefined;
  readonly tags: readonly string[];
  readonly ulimits: Readonly<Record<string, Ulimit>>;
  readonly platforms: readonly string[];
  readonly privileged: boolean;
  readonly provenance?: string | undefined;
  readonly sbom?: string | undefined;
  readonly extensions: Extensions;
}

export interface SshKey {
  readonly id: string;
  /** Of a socket or key; undefined: the ssh-agent of the environment. */
  readonly path?: string | undefined;
}
