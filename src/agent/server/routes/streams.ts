import type { Duplex } from 'node:stream';
import { compareVersions } from '../../../api/version.js';
import { isTsmachineError } from '../../../shared/errors.js';
import { httpStatus } from '../http-status.js';
import type { Query } from '../query.js';
import { type ApiResponse, get, post, type Route } from '../route.js';
import { webSocketKey } from '../websocket.js';

export interface HijackedSession {
  readonly multiplexed: boolean;
  serve(client: Duplex): Promise<void>;
}

export interface AttachBackend {
  attach(
    name: string,
    options: {
      readonly stdin: boolean;
      readonly stdout: boolean;
      readonly stderr: boolean;
      readonly logs: boolean;
      readonly stream: boolean;
      readonly detachKeys?: string | undefined;
      readonly multiplex: boolean;
    },
  ): HijackedSession;
  logs(
    name: string,
    request: {
      readonly stdout: boolean;
      readonly stderr: boolean;
      readonly follow: boolean;
      readonly timestamps: boolean;
      readonly details: boolean;
      readonly since?: string | undefined;
      readonly until?: string | undefined;
      readonly tail?: string | undefined;
    },
    signal: AbortSignal,
  ): { readonly multiplexed: boolean; readonly source: AsyncIterable<Uint8Array> };
}

export function streamRoutes(containers: AttachBackend): readonly Route[] {
  return [
    post('/containers/{name}/attach', async ({ params, query }) => {
      const session = orWords(() =>
        containers.attach(params.name, {
          ...streamsOf(query),
          logs: query.flag('logs'),
          stream: query.flag('stream'),
          detachKeys: query.text('detachKeys'),
          multiplex: true,
        }),
      );
      if ('kind' in session) return session;
      return { kind: 'hijack', multiplexed: session.multiplexed, serve: (client) => session.serve(client) };
    }),
    get('/containers/{name}/attach/ws', async ({ params, query, version, headers }) => {
      const chosen = compareVersions(version, '1.42') >= 0;
      const session = containers.attach(params.name, {
        ...(chosen ? streamsOf(query) : { stdin: true, stdout: true, stderr: true }),
        logs: query.flag('logs'),
        stream: query.flag('stream'),
        detachKeys: query.text('detachKeys'),
        multiplex: false,
      });
      const text = compareVersions(version, '1.28') < 0;
      const key = webSocketKey(headers); // first whether there is such a container
      return { kind: 'websocket', key, text, serve: (client) => session.serve(client) };
    }),
    get('/containers/{name}/logs', async ({ params, query, version, signal }) => {
      const { multiplexed, source } = containers.logs(
        params.name,
        {
          stdout: query.flag('stdout'),
          stderr: query.flag('stderr'),
          follow: query.flag('follow'),
          timestamps: query.flag('timestamps'),
          details: query.flag('details'),
          since: query.text('since'),
          until: query.text('until'),
          tail: query.text('tail'),
        },
        signal,
      );
      const framed = multiplexed && compareVersions(version, '1.42') >= 0;
      const type = `application/vnd.docker.${framed ? 'multiplexed' : 'raw'}-stream`;
      return { kind: 'stream', status: 200, type, source };
    }),
  ];
}

/** An error of attach is plain text, as dockerd has it: it has taken the connection before it knows. */
function orWords(attach: () => HijackedSession): HijackedSession | ApiResponse {
  try {
    return attach();
  } catch (error) {
    if (!isTsmachineError(error)) throw error;
    const headers = { 'Content-Type': 'application/vnd.docker.raw-stream' };
    return { kind: 'text', status: httpStatus(error), body: `${error.message}\r\n`, headers };
  }
}

function streamsOf(query: Query) {
  return { stdin: query.flag('stdin'), stdout: query.flag('stdout'), stderr: query.flag('stderr') };
}
