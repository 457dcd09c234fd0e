import { type DecodedBy, map, object, text } from './decode.js';

export interface VolumeResource {
  /** Absent where the driver does not tell. */
  readonly CreatedAt?: string;
  readonly Driver: string;
  readonly Labels: Readonly<Record<string, string>> | null;
  readonly Mountpoint: string;
  readonly Name: string;
  readonly Options: Readonly<Record<string, string>> | null;
  readonly Scope: 'local' | 'global';
  /** What the driver tells beside. */
  readonly Status?: Readonly<Record<string, unknown>>;
}

/** Of `GET /system/df`. */
export interface VolumeUsage extends VolumeResource {
  readonly UsageData: { readonly Size: number; readonly RefCount: number };
}

export interface VolumeListResponse {
  readonly Volumes: readonly VolumeResource[];
  readonly Warnings: readonly string[] | null;
}

export const volumeCreateRequest = object(
  { Name: text, Driver: text, DriverOpts: map(text), Labels: map(text) },
  'VolumeCreateOptions',
);
export type VolumeCreateRequest = DecodedBy<typeof volumeCreateRequest>;

export interface VolumePruneResponse {
  readonly VolumesDeleted: readonly string[] | null;
  readonly SpaceReclaimed: number;
}
