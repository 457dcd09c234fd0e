import type { EventMessage } from '../../../api/event.js';
import type { Filters } from '../../../api/filters.js';
import type { DiskUsageResponse, InfoResponse, VersionResponse } from '../../../api/system.js';
import { notSupported } from '../errors.js';
import { type ApiResponse, del, get, head, json, post, type Route } from '../route.js';

export interface SystemBackend {
  version(): Promise<VersionResponse>;
  info(): Promise<InfoResponse>;
  events(
    request: {
      readonly since?: string | undefined;
      readonly until?: string | undefined;
      readonly filters: Filters;
    },
    signal: AbortSignal,
  ): AsyncIterable<EventMessage>;
  diskUsage(): Promise<DiskUsageResponse>;
}

export function systemRoutes(system: SystemBackend): readonly Route[] {
  return [
    get('/_ping', async () => pong),
    head('/_ping', async () => ({ ...pong, body: '' })),
    get('/version', async () => json(200, await system.version())),
    get('/info', async () => json(200, await system.info())),
    get('/system/df', async () => json(200, await system.diskUsage())),
    get('/events', async ({ query, signal }) => ({
      kind: 'messages',
      early: true,
      source: system.events(
        { since: query.text('since'), until: query.text('until'), filters: query.filters() },
        signal,
      ),
    })),
  ];
}

/** Known end points of Docker's that this engine lacks: 501 by name, so that nobody looks for a mistyped path. */
export function unsupportedRoutes(): readonly Route[] {
  return [
    get('/plugins', async () => json(200, [])),
    post('/auth', refuse('logging in to a registry')),
    post('/build', refuse('building images')),
    post('/session', refuse('BuildKit')),
    post('/grpc', refuse('BuildKit')),
    post('/build/prune', refuse('building images')),
    get('/distribution/{name:path}/json', refuse('asking a registry for an image')),
    get('/containers/{name}/stats', refuse('container statistics')),
    get('/containers/{name}/attach/ws', refuse('attaching over WebSocket')),
    post('/containers/{name}/update', refuse('updating containers')),
    ...(['/swarm', '/nodes', '/services', '/tasks', '/secrets', '/configs'] as const).map((path) =>
      get(path, refuse('swarm mode')),
    ),
    post('/swarm/init', refuse('swarm mode')),
    post('/swarm/join', refuse('swarm mode')),
    post('/swarm/leave', refuse('swarm mode')),
    post('/plugins/pull', refuse('managed plugins')),
    del('/plugins/{name:path}', refuse('managed plugins')),
  ];
}

const pong = {
  kind: 'text',
  status: 200,
  body: 'OK',
  headers: {
    'Builder-Version': '1',
    Swarm: 'inactive',
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    Pragma: 'no-cache',
  },
} as const;

function refuse(what: string): () => Promise<ApiResponse> {
  return async () => {
    throw notSupported(what);
  };
}
