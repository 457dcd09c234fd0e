import type { CreateRequest } from '../container-config.js';
import type { ExecCreateRequest as ExecCreateFields } from '../exec.js';
import type { VolumeResource } from '../volume.js';

// What is sent has the types of the API. What is read is written down here as far as this client looks into it, with
// the nulls that engines other than ours send.

export type {
  ContainerConfig as CreateBody,
  HostConfig,
  HostConfig as UpdateBody,
  MountRequest,
} from '../container-config.js';

/** Of lists and prunes: the values that are wanted of each key. */
export type Filters = Readonly<Record<string, readonly string[]>>;

export type ContainerCreateRequest = With<
  CreateRequest,
  'Image' | 'Tty' | 'AttachStdin' | 'AttachStdout' | 'AttachStderr' | 'HostConfig'
>;

export type ExecCreateRequest = With<ExecCreateFields, 'Cmd' | 'Tty' | 'AttachStdin'>;

type With<T, K extends keyof T> = T & Required<Pick<T, K>>;

export interface ContainerCreateResponse {
  readonly Id: string;
  readonly Warnings?: readonly string[] | null;
}

export interface ContainerWaitResponse {
  readonly StatusCode: number;
  readonly Error?: { readonly Message?: string } | null;
}

export interface Port {
  readonly IP?: string;
  readonly PrivatePort: number;
  readonly PublicPort?: number;
  readonly Type: string;
}

export interface MountSummary {
  readonly Type: string;
  readonly Name?: string;
  readonly Source?: string;
  readonly Destination?: string;
  readonly RW?: boolean;
}

export interface ContainerSummary {
  readonly Id: string;
  readonly Names: readonly string[] | null;
  readonly Image: string;
  readonly ImageID: string;
  readonly Command: string;
  readonly Created: number;
  readonly State: string;
  readonly Status: string;
  readonly Ports?: readonly Port[] | null;
  readonly Labels?: Readonly<Record<string, string>> | null;
  readonly SizeRw?: number;
  readonly SizeRootFs?: number;
  readonly Mounts?: readonly MountSummary[] | null;
  readonly NetworkSettings?: {
    readonly Networks?: Readonly<Record<string, { readonly NetworkID?: string } | null>> | null;
  };
}

export type PortBindings = Readonly<
  Record<string, readonly { readonly HostIp?: string; readonly HostPort?: string }[] | null>
>;

export interface ContainerInspect {
  readonly Id: string;
  readonly Name: string;
  readonly Image?: string;
  readonly Config: {
    readonly Tty: boolean;
    readonly Image: string;
    readonly OpenStdin?: boolean;
    readonly Healthcheck?: { readonly Test?: readonly string[] | null } | null;
  };
  readonly State: {
    readonly Status: string;
    readonly Running: boolean;
    readonly Paused?: boolean;
    readonly Restarting?: boolean;
    readonly ExitCode: number;
    readonly FinishedAt?: string;
    readonly Health?: { readonly Status: string } | null;
  };
  readonly HostConfig?: { readonly AutoRemove?: boolean };
  readonly NetworkSettings?: { readonly Ports?: PortBindings | null };
}

export interface TopResponse {
  readonly Titles: readonly string[];
  readonly Processes: readonly (readonly string[])[] | null;
}

export interface ContainerChange {
  readonly Path: string;
  /** 0: changed, 1: added, 2: deleted. */
  readonly Kind: number;
}

export interface ExecInspect {
  readonly Running: boolean;
  readonly ExitCode: number | null;
}

export interface ImageSummary {
  readonly Id: string;
  readonly RepoTags: readonly string[] | null;
  readonly RepoDigests: readonly string[] | null;
  readonly Created: number;
  readonly Size: number;
}

/** A step that the builder remembers. */
export interface BuildCacheRecord {
  readonly ID: string;
  readonly Type: string;
  readonly Description: string;
  readonly InUse: boolean;
  readonly Shared: boolean;
  readonly Size: number;
  readonly CreatedAt: string;
  readonly LastUsedAt?: string | null;
  readonly UsageCount: number;
}

export interface DiskUsage {
  readonly LayersSize: number;
  readonly Images: readonly (ImageSummary & { readonly SharedSize: number; readonly Containers: number })[];
  readonly Containers: readonly ContainerSummary[];
  readonly Volumes: readonly (VolumeResource & {
    readonly UsageData?: { readonly RefCount: number; readonly Size: number } | null;
  })[];
  readonly BuildCache: readonly BuildCacheRecord[];
  readonly BuilderSize: number;
}
