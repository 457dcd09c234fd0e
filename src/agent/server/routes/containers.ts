import type {
  ContainerInspect,
  ContainerPruneResponse,
  ContainerSummary,
  CreateResponse,
  TopResponse,
  UpdateResponse,
  WaitResponse,
} from '../../../api/container.js';
import {
  type CreateRequest,
  createRequest,
  type HostConfig,
  updateRequest,
} from '../../../api/container-config.js';
import type { ContainerStats } from '../../../api/container-stats.js';
import type { Filters } from '../../../api/filters.js';
import { compareVersions } from '../../../api/version.js';
import type { TerminalSize } from '../../../shared/terminal-size.js';
import { invalidParameter } from '../errors.js';
import type { Query } from '../query.js';
import { type ApiRequest, del, empty, get, json, post, type Route } from '../route.js';
import { createByVersion } from './create-by-version.js';

export interface LifecycleBackend {
  create(
    name: string | undefined,
    request: CreateRequest | undefined,
    platform: string | undefined,
  ): Promise<CreateResponse>;
  start(name: string): Promise<void>;
  stop(name: string, options: StopOptions): Promise<void>;
  restart(name: string, options: StopOptions): Promise<void>;
  kill(name: string, signal: string | undefined): Promise<void>;
  pause(name: string): Promise<void>;
  unpause(name: string): Promise<void>;
  rename(name: string, to: string | undefined): Promise<void>;
  resize(name: string, size: TerminalSize): Promise<void>;
  update(name: string, request: HostConfig | undefined): Promise<UpdateResponse>;
  removeLink(name: string): Promise<void>;
  remove(name: string, options: { readonly force: boolean; readonly volumes: boolean }): Promise<void>;
  prune(filters: Filters): Promise<ContainerPruneResponse>;
}

export interface MonitorBackend {
  list(options: {
    readonly all: boolean;
    readonly size: boolean;
    readonly limit?: number | undefined;
    readonly filters: Filters;
  }): Promise<readonly ContainerSummary[]>;
  inspect(name: string, options: { readonly size: boolean }): Promise<ContainerInspect>;
  stats(
    name: string,
    options: { readonly stream: boolean; readonly oneShot: boolean },
    signal: AbortSignal,
  ): AsyncIterable<ContainerStats>;
  top(name: string, psArgs: string | undefined): Promise<TopResponse>;
  wait(
    name: string,
    condition: string | undefined,
    signal: AbortSignal,
  ): { readonly result: Promise<WaitResponse> };
}

interface StopOptions {
  readonly timeout?: number | undefined;
  readonly signal?: string | undefined;
}

export function containerRoutes(containers: LifecycleBackend & MonitorBackend): readonly Route[] {
  return [...lifecycleRoutes(containers), ...monitorRoutes(containers)];
}

function lifecycleRoutes(containers: LifecycleBackend): readonly Route[] {
  return [
    post('/containers/create', async (request) => {
      const { query, version } = request;
      const body = await request.json(createRequest);
      const platform = compareVersions(version, '1.41') >= 0 ? query.text('platform') : undefined;
      const wanted = body && createByVersion(body, version);
      return json(201, await containers.create(query.text('name'), wanted, platform));
    }),
    post('/containers/prune', async ({ query }) => json(200, await containers.prune(query.filters()))),
    post('/containers/{name}/start', async (request) => {
      refuseBody(request);
      await containers.start(request.params.name);
      return empty(204);
    }),
    post('/containers/{name}/stop', async (request) => {
      await containers.stop(request.params.name, stopOptions(request));
      return empty(204);
    }),
    post('/containers/{name}/restart', async (request) => {
      await containers.restart(request.params.name, stopOptions(request));
      return empty(204);
    }),
    post('/containers/{name}/kill', async ({ params, query }) => {
      await containers.kill(params.name, query.text('signal'));
      return empty(204);
    }),
    post('/containers/{name}/pause', async ({ params }) => {
      await containers.pause(params.name);
      return empty(204);
    }),
    post('/containers/{name}/unpause', async ({ params }) => {
      await containers.unpause(params.name);
      return empty(204);
    }),
    post('/containers/{name}/rename', async ({ params, query }) => {
      await containers.rename(params.name, query.text('name'));
      return empty(204);
    }),
    post('/containers/{name}/update', async (request) => {
      const body = (await request.json(updateRequest)) ?? {};
      const { PidsLimit: _, ...withoutPids } = body;
      const wanted = compareVersions(request.version, '1.40') < 0 ? withoutPids : body;
      return json(200, await containers.update(request.params.name, wanted));
    }),
    post('/containers/{name}/resize', async ({ params, query }) => {
      await containers.resize(params.name, terminalSize(query));
      return empty(200);
    }),
    del('/containers/{name:path}', async ({ params, query }) => {
      if (query.flag('link')) await containers.removeLink(params.name);
      else await containers.remove(params.name, { force: query.flag('force'), volumes: query.flag('v') });
      return empty(204);
    }),
  ];
}

function monitorRoutes(containers: MonitorBackend): readonly Route[] {
  return [
    get('/containers/json', async ({ query }) =>
      json(
        200,
        await containers.list({
          all: query.flag('all'),
          size: query.flag('size'),
          limit: query.integer('limit'),
          filters: query.filters(),
        }),
      ),
    ),
    get('/containers/{name}/json', async ({ params, query }) =>
      json(200, await containers.inspect(params.name, { size: query.flag('size') })),
    ),
    get('/containers/{name}/stats', async ({ params, query, signal }) => {
      const options = { stream: query.flag('stream', true), oneShot: query.flag('one-shot') };
      return { kind: 'messages', early: true, source: containers.stats(params.name, options, signal) };
    }),
    get('/containers/{name}/top', async ({ params, query }) =>
      json(200, await containers.top(params.name, query.text('ps_args'))),
    ),
    post('/containers/{name}/wait', async ({ params, query, version, signal }) => {
      const { result } = containers.wait(params.name, query.text('condition'), signal);
      // Since 1.30 the headers go out at once: they tell the client that waiting has begun.
      if (compareVersions(version, '1.30') < 0) return json(200, await result);
      return { kind: 'messages', early: true, source: once(result) };
    }),
  ];
}

export function terminalSize(query: Query): TerminalSize {
  const rows = query.integer('h');
  const columns = query.integer('w');
  if (rows === undefined || columns === undefined || rows < 0 || columns < 0) {
    throw invalidParameter('invalid resize height or width');
  }
  return { rows, columns };
}

function stopOptions({ query, version }: ApiRequest): StopOptions {
  const signal = compareVersions(version, '1.42') >= 0 ? query.text('signal') : undefined;
  return { timeout: query.integer('t'), signal };
}

/** A body of an empty object is tolerated. */
function refuseBody({ headers }: ApiRequest): void {
  const length = Number(headers['content-length'] ?? 0);
  if (length > 7 || headers['transfer-encoding'] !== undefined) {
    throw invalidParameter(
      'starting container with non-empty request body was deprecated since API v1.22 and removed in v1.24',
    );
  }
}

async function* once(result: Promise<object>): AsyncGenerator<object> {
  yield await result;
}
