import type { EventMessage } from '../event.js';
import type { InfoResponse, VersionResponse } from '../system.js';
import { encodeFilters } from './containers.js';
import type { EngineClient } from './engine-client.js';
import type { DiskUsage, Filters } from './types.js';

export interface EventsOptions {
  /** Seconds since the epoch, with a fraction of nine digits. */
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly filters: Filters;
}

export async function engineInfo(client: EngineClient, signal?: AbortSignal): Promise<InfoResponse> {
  return client.json({ method: 'GET', path: '/info', signal });
}

export async function engineVersion(client: EngineClient, signal?: AbortSignal): Promise<VersionResponse> {
  return client.json({ method: 'GET', path: '/version', signal });
}

/** In Docker's words: "amd64". */
export async function engineArchitecture(client: EngineClient, signal?: AbortSignal): Promise<string> {
  return (await engineVersion(client, signal)).Arch;
}

export async function diskUsage(client: EngineClient, signal?: AbortSignal): Promise<DiskUsage> {
  return client.json({ method: 'GET', path: '/system/df', signal, timeoutMs: Infinity });
}

/** Events as they come, from `since` on; ends at `until` or with the signal. */
export function engineEvents(
  client: EngineClient,
  options: EventsOptions,
  signal?: AbortSignal,
): AsyncGenerator<EventMessage> {
  const query = { since: options.since, until: options.until, filters: encodeFilters(options.filters) };
  return client.stream({ method: 'GET', path: '/events', query, signal });
}
