/** `x-…` keys of any element, as they were written and interpolated. */
export type Extensions = Readonly<Record<string, unknown>>;

export type Strings = Readonly<Record<string, string>>;

/** Host name → its addresses (`host-gateway` among them). */
export type ExtraHosts = Readonly<Record<string, readonly string[]>>;

/** A service's use of a secret or config. */
export interface FileReference {
  /** Key of `Project.secrets` or `Project.configs`. */
  readonly source: string;
  /** Absolute path, or a name below /run/secrets; undefined: that of the source. */
  readonly target?: string | undefined;
  readonly uid?: string | undefined;
  readonly gid?: string | undefined;
  readonly mode?: number | undefined;
  readonly extensions: Extensions;
}

/** Either `single` or both others. */
export interface Ulimit {
  readonly single?: number | undefined;
  readonly soft?: number | undefined;
  readonly hard?: number | undefined;
  readonly extensions: Extensions;
}
