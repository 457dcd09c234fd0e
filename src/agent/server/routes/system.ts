import type { EventMessage } from '../../../api/event.js';
import type { Filters } from '../../../api/filters.js';
import type { DiskUsageResponse, InfoResponse, VersionResponse } from '../../../api/system.js';
import { get, head, json, type Route } from '../route.js';

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

const pong = {
  kind: 'text',
  status: 200,
  body: 'OK',
  headers: {
    'Builder-Version': '2',
    Swarm: 'inactive',
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    Pragma: 'no-cache',
  },
} as const;
