import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { TerminalSize } from '../../shared/terminal-size.js';
import type { EngineClient } from './engine-client.js';
import type { QueryValue } from './request.js';
import type {
  ContainerCreateRequest,
  ContainerCreateResponse,
  ContainerInspect,
  ContainerSummary,
  ContainerWaitResponse,
  Filters,
} from './types.js';

export interface CreateOptions {
  readonly name?: string | undefined;
  readonly platform?: string | undefined;
}

export interface AttachOptions {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly detachKeys?: string | undefined;
}

export interface ListOptions {
  readonly all?: boolean | undefined;
  readonly limit?: number | undefined;
  readonly size?: boolean | undefined;
  readonly filters?: Filters | undefined;
}

export interface LogsOptions {
  readonly follow?: boolean | undefined;
  readonly tail?: string | undefined;
  readonly timestamps?: boolean | undefined;
  readonly details?: boolean | undefined;
  readonly since?: string | undefined;
  readonly until?: string | undefined;
}

/** Resolves to the exit code of the container. */
export interface Waiting {
  readonly result: Promise<ContainerWaitResponse>;
}

/** The container calls that the commands need, as functions over a client. Errors are the client's. */
export async function createContainer(
  client: EngineClient,
  body: ContainerCreateRequest,
  options: CreateOptions,
  signal?: AbortSignal,
): Promise<ContainerCreateResponse> {
  const query = { name: options.name, platform: options.platform };
  return client.json({ method: 'POST', path: '/containers/create', query, body, signal });
}

/** The raw stream: framed by `api/multiplex.ts` unless the container has a terminal. The caller destroys it. */
export async function attachContainer(
  client: EngineClient,
  id: string,
  options: AttachOptions,
  signal?: AbortSignal,
): Promise<Duplex> {
  const query = { stream: true, ...options };
  return client.hijack({ method: 'POST', path: `${containerPath(id)}/attach`, query, signal });
}

/** Returns when the engine has begun to wait, so that an exit after that cannot be missed. */
export async function waitContainer(
  client: EngineClient,
  id: string,
  condition: 'not-running' | 'next-exit' | 'removed',
  signal?: AbortSignal,
): Promise<Waiting> {
  return client.begin({ method: 'POST', path: `${containerPath(id)}/wait`, query: { condition }, signal });
}

export async function startContainer(
  client: EngineClient,
  id: string,
  signal?: AbortSignal,
  query: { readonly checkpoint?: string | undefined; readonly 'checkpoint-dir'?: string | undefined } = {},
): Promise<void> {
  await post(client, `${containerPath(id)}/start`, query, signal);
}

export async function killContainer(client: EngineClient, id: string, signalName: string): Promise<void> {
  await post(client, `${containerPath(id)}/kill`, { signal: signalName });
}

export async function resizeContainer(client: EngineClient, id: string, size: TerminalSize): Promise<void> {
  await post(client, `${containerPath(id)}/resize`, { h: size.rows, w: size.columns });
}

export async function inspectContainer(
  client: EngineClient,
  id: string,
  signal?: AbortSignal,
  query: { readonly size?: boolean } = {},
): Promise<ContainerInspect> {
  return client.json({ method: 'GET', path: `${containerPath(id)}/json`, query, signal });
}

export async function listContainers(
  client: EngineClient,
  options: ListOptions,
  signal?: AbortSignal,
): Promise<readonly ContainerSummary[]> {
  const query = { ...options, filters: encodeFilters(options.filters) };
  return client.json({ method: 'GET', path: '/containers/json', query, signal });
}

/** Names of the running containers that have a volume. */
export async function containersUsing(
  client: EngineClient,
  volume: string,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const filters = { volume: [volume], status: ['running', 'paused'] };
  const containers = await listContainers(client, { filters }, signal);
  return containers.map(({ Id, Names }) => Names?.[0]?.replace(/^\//, '') ?? Id.slice(0, 12));
}

/** The log with its headers read and its body to come, framed as by attach. The caller reads or destroys it. */
export async function containerLogs(
  client: EngineClient,
  id: string,
  options: LogsOptions,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const query = { stdout: true, stderr: true, ...options };
  return client.request({ method: 'GET', path: `${containerPath(id)}/logs`, query, signal });
}

/** The `filters` parameter: a JSON map of lists; undefined when there is nothing to filter. */
export function encodeFilters(filters: Filters | undefined): string | undefined {
  return filters && Object.keys(filters).length > 0 ? JSON.stringify(filters) : undefined;
}

export function containerPath(id: string): string {
  return `/containers/${encodeURIComponent(id)}`;
}

async function post(
  client: EngineClient,
  path: string,
  query: Readonly<Record<string, QueryValue>>,
  signal?: AbortSignal,
): Promise<void> {
  await client.json({ method: 'POST', path, query, signal });
}
