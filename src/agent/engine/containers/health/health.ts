import type { HealthcheckResult, HealthStatus } from '../../../../api/container.js';

/** A container's health as inspect shows it. */
export interface Health {
  readonly status: HealthStatus;
  /** Failed probes since the last that succeeded. */
  readonly failingStreak: number;
  /** The last five, oldest first. */
  readonly log: readonly HealthcheckResult[];
}

export interface Probed {
  readonly result: HealthcheckResult;
  /** So many failures in a row make it unhealthy. */
  readonly retries: number;
  /** The probe began within the start period: while the container is starting, its failure does not count. */
  readonly inStartPeriod: boolean;
}

const logLength = 5;

/** At a start: the log of earlier runs stays, as dockerd's does (moby daemon/health.go, initHealthMonitor). */
export function beginHealth(before: Health | undefined): Health {
  return { status: 'starting', failingStreak: 0, log: before?.log ?? [] };
}

/** What a probe changes (moby daemon/health.go, handleProbeResult). */
export function probedHealth(health: Health, { result, retries, inStartPeriod }: Probed): Health {
  const log = [...health.log, result].slice(-logLength);
  if (result.ExitCode === 0) return { status: 'healthy', failingStreak: 0, log };
  if (health.status === 'starting' && inStartPeriod) return { ...health, log };
  const failingStreak = health.failingStreak + 1;
  return { status: failingStreak >= retries ? 'unhealthy' : health.status, failingStreak, log };
}

/** While it is paused or has ended, nobody asks: dockerd calls that unhealthy. */
export function healthWithoutMonitor(health: Health): Health {
  return { ...health, status: 'unhealthy' };
}
