export interface VersionResponse {
  readonly Platform: { readonly Name: string };
  readonly Components: readonly {
    readonly Name: string;
    readonly Version: string;
    readonly Details?: Readonly<Record<string, string>>;
  }[];
  readonly Version: string;
  readonly ApiVersion: string;
  readonly MinAPIVersion: string;
  readonly GitCommit: string;
  readonly GoVersion: string;
  readonly Os: string;
  readonly Arch: string;
  readonly KernelVersion: string;
  readonly BuildTime: string;
}

/** `GET /info`, as far as it is filled; the docker CLI takes what is absent as empty. */
export type InfoResponse = Readonly<Record<string, unknown>> & {
  readonly ID: string;
  readonly Containers: number;
  readonly ContainersRunning: number;
  readonly ContainersPaused: number;
  readonly ContainersStopped: number;
  readonly Images: number;
  readonly Driver: string;
  readonly ServerVersion: string;
  readonly Warnings: readonly string[] | null;
};

export interface DiskUsageResponse {
  readonly LayersSize: number;
  readonly Images: readonly object[];
  readonly Containers: readonly object[];
  readonly Volumes: readonly object[];
  readonly BuildCache: readonly object[];
  readonly BuilderSize: number;
}
