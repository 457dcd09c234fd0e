import type { CreateRequest } from '../container-config.js';
import type { ExecCreateRequest as ExecCreateFields } from '../exec.js';

// What is sent has the types of the API. What is read is written down here as far as this client looks into it, with
// the nulls that engines other than ours send.

export type { HostConfig, MountRequest } from '../container-config.js';

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
  readonly Mounts?:
    | readonly { readonly Type: string; readonly Name?: string; readonly Source?: string }[]
    | null;
  readonly NetworkSettings?: { readonly Networks?: Readonly<Record<string, unknown>> | null };
}

export interface ContainerInspect {
  readonly Id: string;
  readonly Name: string;
  readonly Config: { readonly Tty: boolean; readonly Image: string };
  readonly State: { readonly Status: string; readonly Running: boolean; readonly ExitCode: number };
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
