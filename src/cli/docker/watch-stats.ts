import { setTimeout as delay } from 'node:timers/promises';
import { containerStats } from '../../api/client/container-actions.js';
import { listContainers } from '../../api/client/containers.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import type { ContainerStats } from '../../api/container-stats.js';
import { isTsmachineError } from '../../shared/errors.js';

export interface StatsRequest {
  /** Names or IDs; none: those that run, or all. */
  readonly containers: readonly string[];
  readonly all: boolean;
}

export interface Sample {
  readonly container: string;
  readonly stats: ContainerStats;
}

/** One sample of each container. Throws what the engine says of a container that was named. */
export async function sampleStats(
  client: EngineClient,
  request: StatsRequest,
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  if (request.containers.length === 0) {
    const summaries = await listContainers(client, { all: request.all }, signal);
    return await sampleListed(
      client,
      summaries.map(({ Id }) => Id),
      signal,
    );
  }
  const samples = await Promise.all(request.containers.map((name) => sampleOf(client, name, signal)));
  return samples.flatMap((sample) => sample ?? []);
}

/** One sample of each container that was just listed; one may be gone by now. */
export async function sampleListed(
  client: EngineClient,
  containers: readonly string[],
  signal: AbortSignal,
): Promise<readonly Sample[]> {
  const samples = await Promise.all(
    containers.map((container) =>
      sampleOf(client, container, signal).catch((error: unknown) => {
        if (isTsmachineError(error) && error.kind === 'not-found') return undefined;
        throw error;
      }),
    ),
  );
  return samples.flatMap((sample) => sample ?? []);
}

/** Asks again and again, with a pause of half a second, until the signal aborts. */
export async function repeatedly(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await work();
      await delay(500, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }
}

async function sampleOf(
  client: EngineClient,
  container: string,
  signal: AbortSignal,
): Promise<Sample | undefined> {
  for await (const stats of containerStats(client, container, { stream: false }, signal))
    return { container, stats };
  return undefined;
}
