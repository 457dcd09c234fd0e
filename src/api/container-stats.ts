/** A sample of `GET /containers/{id}/stats`. Times of CPUs in nanoseconds, memory in bytes. */
export interface ContainerStats {
  readonly read: string;
  readonly preread: string;
  readonly pids_stats: { readonly current?: number; readonly limit?: number };
  readonly blkio_stats: BlkioStats;
  readonly num_procs: 0;
  readonly storage_stats: Readonly<Record<string, never>>;
  readonly cpu_stats: CpuStats;
  readonly precpu_stats: CpuStats;
  readonly memory_stats: MemoryStats;
  readonly name: string;
  readonly id: string;
  readonly networks?: Readonly<Record<string, InterfaceStats>>;
}

export interface CpuStats {
  readonly cpu_usage: {
    readonly total_usage: number;
    readonly percpu_usage?: readonly number[];
    readonly usage_in_kernelmode: number;
    readonly usage_in_usermode: number;
  };
  readonly system_cpu_usage?: number;
  readonly online_cpus?: number;
  readonly throttling_data: {
    readonly periods: number;
    readonly throttled_periods: number;
    readonly throttled_time: number;
  };
}

export interface MemoryStats {
  readonly usage?: number;
  readonly max_usage?: number;
  readonly stats?: Readonly<Record<string, number>>;
  readonly failcnt?: number;
  readonly limit?: number;
}

export interface BlkioEntry {
  readonly major: number;
  readonly minor: number;
  readonly op: string;
  readonly value: number;
}

type BlkioList = readonly BlkioEntry[] | null;

export interface BlkioStats {
  readonly io_service_bytes_recursive: BlkioList;
  readonly io_serviced_recursive: BlkioList;
  readonly io_queue_recursive: BlkioList;
  readonly io_service_time_recursive: BlkioList;
  readonly io_wait_time_recursive: BlkioList;
  readonly io_merged_recursive: BlkioList;
  readonly io_time_recursive: BlkioList;
  readonly sectors_recursive: BlkioList;
}

export interface InterfaceStats {
  readonly rx_bytes: number;
  readonly rx_packets: number;
  readonly rx_errors: number;
  readonly rx_dropped: number;
  readonly tx_bytes: number;
  readonly tx_packets: number;
  readonly tx_errors: number;
  readonly tx_dropped: number;
}
