import type { Extensions, Strings } from './elements.js';

/** Where, how often and within which limits a service runs. */
export interface Deploy {
  readonly mode?: string | undefined;
  readonly replicas?: number | undefined;
  readonly labels: Strings;
  readonly updateConfig?: UpdateConfig | undefined;
  readonly rollbackConfig?: UpdateConfig | undefined;
  readonly resources: Resources;
  readonly restartPolicy?: DeployRestartPolicy | undefined;
  readonly placement: Placement;
  readonly endpointMode?: string | undefined;
  readonly extensions: Extensions;
}

export interface UpdateConfig {
  readonly parallelism?: number | undefined;
  readonly delayNs?: number | undefined;
  readonly failureAction?: string | undefined;
  readonly monitorNs?: number | undefined;
  readonly maxFailureRatio?: number | undefined;
  /** `start-first` or `stop-first`. */
  readonly order?: string | undefined;
  readonly extensions: Extensions;
}

export interface Resources {
  readonly limits?: Resource | undefined;
  readonly reservations?: Resource | undefined;
  readonly extensions: Extensions;
}

export interface Resource {
  /** Number of CPUs, such as 0.5. */
  readonly cpus?: number | undefined;
  /** Bytes. */
  readonly memory?: number | undefined;
  readonly pids?: number | undefined;
  readonly devices: readonly DeviceRequest[];
  readonly genericResources: readonly GenericResource[];
  readonly extensions: Extensions;
}

export interface DeviceRequest {
  readonly capabilities: readonly string[];
  readonly driver?: string | undefined;
  /** -1: all. */
  readonly count?: number | undefined;
  readonly deviceIds: readonly string[];
  readonly options: Strings;
}

export interface GenericResource {
  readonly discreteResourceSpec?: { readonly kind: string; readonly value: number } | undefined;
  readonly extensions: Extensions;
}

export interface DeployRestartPolicy {
  /** `none`, `on-failure` or `any`. */
  readonly condition?: string | undefined;
  readonly delayNs?: number | undefined;
  readonly maxAttempts?: number | undefined;
  readonly windowNs?: number | undefined;
  readonly extensions: Extensions;
}

export interface Placement {
  readonly constraints: readonly string[];
  readonly preferences: readonly { readonly spread?: string | undefined; readonly extensions: Extensions }[];
  readonly maxReplicasPerNode?: number | undefined;
  readonly extensions: Extensions;
}
