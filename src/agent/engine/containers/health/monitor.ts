import { errorMessage } from '../../../../shared/errors.js';
import { formatNanoTime, nowNanos } from '../../../../shared/nanotime.js';
import type { Container } from '../container.js';
import { type ContainerContext, publish } from '../context.js';
import type { Probed } from './health.js';
import { type HealthPlan, healthPlan } from './healthcheck.js';
import { probe } from './probe.js';

/**
 * Probes a running container until `stopHealthChecks`; a second call takes the place of the first. Nothing
 * happens for a container without a health check.
 */
export function startHealthChecks(context: ContainerContext, container: Container): void {
  stopHealthChecks(container);
  const plan = healthPlan(container.record.config);
  if (!plan || !container.record.state.health) return;
  const monitor = new AbortController();
  container.healthMonitor = monitor;
  keepProbing(context, container, plan, monitor.signal).catch((error) => {
    if (monitor.signal.aborted) return;
    context.log.error('health checks have ended', { container: container.id, error: errorMessage(error) });
  });
}

/** The probe that runs is killed, and its result is for nobody. */
export function stopHealthChecks(container: Container): void {
  container.healthMonitor?.abort();
  container.healthMonitor = undefined;
}

async function keepProbing(
  context: ContainerContext,
  container: Container,
  plan: HealthPlan,
  signal: AbortSignal,
): Promise<void> {
  for (;;) {
    await context.clock.sleep(nextInterval(context, container, plan), signal);
    const began = { at: context.clock.now(), time: formatNanoTime(nowNanos()) };
    const { exitCode, output } = await probe(context, container, plan, signal);
    signal.throwIfAborted();
    const result = {
      Start: began.time,
      End: formatNanoTime(nowNanos()),
      ExitCode: exitCode,
      Output: output,
    };
    const inStartPeriod = began.at - startedAt(container) < plan.startPeriodMs;
    await context.locks.run(container.id, async () => {
      if (!signal.aborted) await note(context, container, { result, retries: plan.retries, inStartPeriod });
    });
  }
}

function nextInterval({ clock }: ContainerContext, container: Container, plan: HealthPlan): number {
  const inStartPeriod = clock.now() - startedAt(container) < plan.startPeriodMs;
  const isStarting = container.record.state.health?.status === 'starting';
  return inStartPeriod && isStarting ? plan.startIntervalMs : plan.intervalMs;
}

/** Only a change is written at once: the log of probes may lose its last entries with the agent. */
async function note(context: ContainerContext, container: Container, probed: Probed): Promise<void> {
  const before = container.record.state.health?.status;
  container.apply({ type: 'probed', ...probed });
  const after = container.record.state.health?.status;
  if (before === after) return;
  publish(context, container, `health_status: ${after}`);
  await context.store.save(container);
}

function startedAt({ record }: Container): number {
  return Date.parse(record.state.startedAt);
}
