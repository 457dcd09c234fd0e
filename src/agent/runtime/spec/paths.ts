import type { RunSpec } from './run-spec.js';

/** Docker's lists (moby oci/defaults.go). */
export const defaultMaskedPaths = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
] as const;

export const defaultReadonlyPaths = [
  '/proc/bus',
  '/proc/fs',
  '/proc/irq',
  '/proc/sys',
  '/proc/sysrq-trigger',
] as const;

export function maskedPaths(run: Pick<RunSpec, 'privileged' | 'maskedPaths'>): readonly string[] {
  return run.privileged ? [] : (run.maskedPaths ?? defaultMaskedPaths);
}

export function readonlyPaths(run: Pick<RunSpec, 'privileged' | 'readonlyPaths'>): readonly string[] {
  return run.privileged ? [] : (run.readonlyPaths ?? defaultReadonlyPaths);
}
