import type { ContainerStats } from '../container-stats.js';
import { containerPath, encodeFilters } from './containers.js';
import type { EngineClient } from './engine-client.js';
import type { QueryValue } from './request.js';
import type { ContainerChange, CreateBody, Filters, TopResponse, UpdateBody } from './types.js';

type Query = Readonly<Record<string, QueryValue>>;

export type SimpleAction = 'start' | 'stop' | 'restart' | 'kill' | 'pause' | 'unpause' | 'rename';

/** How stop and restart end a container: a signal, and seconds until it is killed (-1: never). */
export interface StopOptions {
  readonly signal?: string | undefined;
  readonly t?: number | undefined;
}

/** An action without a body; it has no deadline but the signal's, since stopping takes as long as the container. */
export async function actOnContainer(
  client: EngineClient,
  id: string,
  action: SimpleAction,
  query: Query,
  signal?: AbortSignal,
): Promise<void> {
  const path = `${containerPath(id)}/${action}`;
  await client.json({ method: 'POST', path, query, signal, timeoutMs: Infinity });
}

export async function removeContainer(
  client: EngineClient,
  id: string,
  options: { readonly force?: boolean; readonly v?: boolean; readonly link?: boolean },
  signal?: AbortSignal,
): Promise<void> {
  await client.json({ method: 'DELETE', path: containerPath(id), query: options, signal });
}

/** Answers the engine's warnings. */
export async function updateContainer(
  client: EngineClient,
  id: string,
  body: UpdateBody,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const path = `${containerPath(id)}/update`;
  const answer = await client.json<{ readonly Warnings?: readonly string[] | null }>({
    method: 'POST',
    path,
    body,
    signal,
  });
  return answer.Warnings ?? [];
}

export async function containerProcesses(
  client: EngineClient,
  id: string,
  psArguments: string,
  signal?: AbortSignal,
): Promise<TopResponse> {
  const query = { ps_args: psArguments === '' ? undefined : psArguments };
  return client.json({ method: 'GET', path: `${containerPath(id)}/top`, query, signal });
}

/** Samples, one a second; only the first when not streaming. */
export function containerStats(
  client: EngineClient,
  id: string,
  options: { readonly stream: boolean },
  signal?: AbortSignal,
): AsyncGenerator<ContainerStats> {
  return client.stream({ method: 'GET', path: `${containerPath(id)}/stats`, query: options, signal });
}

export async function containerChanges(
  client: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<readonly ContainerChange[]> {
  const path = `${containerPath(id)}/changes`;
  return (await client.json<readonly ContainerChange[] | null>({ method: 'GET', path, signal })) ?? [];
}

export interface CommitOptions {
  readonly repo: string | undefined;
  readonly tag: string | undefined;
  readonly author: string | undefined;
  readonly comment: string | undefined;
  readonly pause: boolean;
  /** Dockerfile instructions, a line for each. */
  readonly changes: string | undefined;
}

/** The ID of the image. */
export async function commitContainer(
  client: EngineClient,
  container: string,
  options: CommitOptions,
  signal?: AbortSignal,
): Promise<string> {
  const query = { container, ...options };
  const body: CreateBody = {};
  const request = { method: 'POST', path: '/commit', query, body, signal, timeoutMs: Infinity } as const;
  return (await client.json<{ readonly Id: string }>(request)).Id;
}

export interface Pruned {
  readonly deleted: readonly string[];
  /** Bytes. */
  readonly reclaimed: number;
}

export async function pruneContainers(
  client: EngineClient,
  filters: Filters,
  signal?: AbortSignal,
): Promise<Pruned> {
  const query = { filters: encodeFilters(filters) };
  const answer = await client.json<{
    readonly ContainersDeleted?: readonly string[] | null;
    readonly SpaceReclaimed?: number;
  }>({ method: 'POST', path: '/containers/prune', query, signal, timeoutMs: Infinity });
  return { deleted: answer.ContainersDeleted ?? [], reclaimed: answer.SpaceReclaimed ?? 0 };
}
