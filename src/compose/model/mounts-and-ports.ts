import type { Extensions, Strings } from './elements.js';

/** A published port, one container port each: ranges are spread where they were written as a short form. */
export interface Port {
  readonly name?: string | undefined;
  /** `ingress` or `host`; makes no difference outside a swarm. */
  readonly mode?: string | undefined;
  readonly hostIp?: string | undefined;
  readonly target: number;
  /** A port, a range such as `8000-8010` to choose from, or undefined: any. */
  readonly published?: string | undefined;
  readonly protocol: string;
  readonly appProtocol?: string | undefined;
  readonly extensions: Extensions;
}

/** What is mounted in a service's containers. */
export interface Mount {
  readonly type: 'bind' | 'volume' | 'tmpfs' | 'npipe' | 'cluster' | 'image';
  /** bind: absolute path of the host; volume: key of `Project.volumes`, undefined when anonymous; image: its name. */
  readonly source?: string | undefined;
  readonly target: string;
  readonly readOnly: boolean;
  readonly consistency?: string | undefined;
  readonly bind?: BindOptions | undefined;
  readonly volume?: VolumeOptions | undefined;
  readonly tmpfs?: TmpfsOptions | undefined;
  readonly image?: { readonly subpath?: string | undefined; readonly extensions: Extensions } | undefined;
  readonly extensions: Extensions;
}

export interface BindOptions {
  /** `z` or `Z`. */
  readonly selinux?: string | undefined;
  readonly propagation?: string | undefined;
  /** A directory is made where nothing is. */
  readonly createHostPath: boolean;
  readonly recursive?: string | undefined;
  readonly extensions: Extensions;
}

export interface VolumeOptions {
  readonly nocopy: boolean;
  readonly subpath?: string | undefined;
  readonly labels: Strings;
  readonly extensions: Extensions;
}

export interface TmpfsOptions {
  /** Bytes. */
  readonly size?: number | undefined;
  readonly mode?: number | undefined;
  readonly extensions: Extensions;
}
