import type { ContainerConfig } from '../../../../api/container-config.js';
import { invalidOption } from '../../errors.js';

type Healthcheck = NonNullable<ContainerConfig['Healthcheck']>;

/** How a container is probed. Times in milliseconds. */
export interface HealthPlan {
  readonly argv: readonly string[];
  readonly intervalMs: number;
  readonly timeoutMs: number;
  readonly startPeriodMs: number;
  /** Takes the place of the interval while the container is starting and the start period lasts. */
  readonly startIntervalMs: number;
  readonly retries: number;
}

/** Undefined where nothing is to be run: no health check, NONE, or a kind that Docker does not know. */
export function healthPlan({ Healthcheck, Shell }: ContainerConfig): HealthPlan | undefined {
  const [kind, ...words] = Healthcheck?.Test ?? [];
  const argv = kind === 'CMD' ? words : kind === 'CMD-SHELL' ? [...shellOf(Shell), ...words] : [];
  if (argv.length === 0) return undefined;
  const { Interval, Timeout, StartPeriod, StartInterval, Retries = 0 } = Healthcheck ?? {};
  return {
    argv,
    intervalMs: milliseconds(Interval, 30_000),
    timeoutMs: milliseconds(Timeout, 30_000),
    startPeriodMs: milliseconds(StartPeriod, 0),
    startIntervalMs: milliseconds(StartInterval, 5_000),
    retries: Retries > 0 ? Retries : 3,
  };
}

/** The user's upon the image's: each field that is not given is the image's (moby daemon/commit.go, merge). */
export function mergeHealthcheck(
  user: Healthcheck | undefined,
  image: Healthcheck | undefined,
): Healthcheck | undefined {
  if (!user || !image) return user ?? image;
  return {
    Test: user.Test?.length ? user.Test : (image.Test ?? []),
    Interval: user.Interval || image.Interval || 0,
    Timeout: user.Timeout || image.Timeout || 0,
    StartPeriod: user.StartPeriod || image.StartPeriod || 0,
    StartInterval: user.StartInterval || image.StartInterval || 0,
    Retries: user.Retries || image.Retries || 0,
  };
}

/** Throws OPTION_INVALID in moby's words (daemon/container.go, validateHealthCheck). */
export function validateHealthcheck(healthcheck: Healthcheck | undefined): void {
  if (!healthcheck) return;
  for (const name of ['Interval', 'Timeout', 'StartPeriod', 'StartInterval'] as const) {
    const nanoseconds = healthcheck[name] ?? 0;
    if (nanoseconds !== 0 && nanoseconds < 1_000_000) {
      throw invalidOption(`${name} in Healthcheck cannot be less than 1ms`);
    }
  }
  if ((healthcheck.Retries ?? 0) < 0) throw invalidOption('Retries in Healthcheck cannot be negative');
}

function shellOf(shell: readonly string[] | undefined): readonly string[] {
  return shell?.length ? shell : ['/bin/sh', '-c'];
}

function milliseconds(nanoseconds: number | undefined, absent: number): number {
  return nanoseconds ? nanoseconds / 1_000_000 : absent;
}
