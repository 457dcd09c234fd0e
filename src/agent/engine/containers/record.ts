import type { MountPoint } from '../../../api/container.js';
import type { ContainerConfig, EndpointConfig, HostConfig } from '../../../api/container-config.js';
import type { Digest } from '../../../shared/digest.js';
import type { IdMap } from '../../userns/id-map.js';
import type { ContainerState } from './state.js';

/** What is kept of a container: `containers/<id>/container.json` in the data root. */
export interface ContainerRecord {
  readonly schemaVersion: 1;
  readonly id: string;
  /** Without the slash. */
  readonly name: string;
  /** RFC 3339 with nanoseconds. */
  readonly created: string;
  readonly imageId: Digest;
  /** Merged with the image's. */
  readonly config: ContainerConfig;
  /** With Docker's defaults filled in. */
  readonly hostConfig: HostConfig;
  /**
   * The networks that it is to be on, by name (Docker's NetworkSettings.Networks); its NetworkMode's alone where
   * an earlier agent has written none. See `attachments.ts`.
   */
  readonly networks?: Readonly<Record<string, EndpointConfig>>;
  /** Of the default bridge (`--link`); see `links.ts`. */
  readonly links?: readonly ContainerLink[];
  /** Of its user namespace; undefined where its users are the host's. */
  readonly idMap?: IdMap;
  readonly mounts: readonly ContainerMount[];
  readonly state: ContainerState;
  readonly restartCount: number;
  /** By stop, kill or a restart's stop: the policy leaves it alone. */
  readonly manuallyStopped: boolean;
  /** It goes, or is not complete yet: an agent that finds this at its start takes away what there is of it. */
  readonly removal?: Removal | undefined;
  /** The terminal's size, as last set. */
  readonly terminalSize?: { readonly columns: number; readonly rows: number };
}

/** How a container is taken away. */
export interface Removal {
  /** Its anonymous volumes go too. */
  readonly volumes: boolean;
}

/** Another container, and what it is called in this one. */
export interface ContainerLink {
  readonly containerId: string;
  readonly alias: string;
}

/** A mount point of inspect, and what the spec needs beside it. */
export interface ContainerMount extends MountPoint {
  /** Made for this container alone: removed with it when `v` is asked. */
  readonly anonymous?: boolean;
  readonly recursive?: boolean;
  /** Of a read-only bind mount: what is mounted below its source can be written. */
  readonly readonlyTopOnly?: boolean;
  /** The volume's own options say so, whatever was asked for the container. */
  readonly readonlySource?: boolean;
  /** The part of the volume that is mounted, relative. */
  readonly subpath?: string;
  readonly tmpfsOptions?: string;
}

/** The entrypoint and the command as one line. */
export function argvOf(config: ContainerConfig): readonly string[] {
  return [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
}
