import type { Readable } from 'node:stream';
import { type ContainerConfig, containerConfig } from '../../../api/container-config.js';
import { invalidParameter } from '../errors.js';
import type { Query } from '../query.js';
import { type ApiRequest, empty, get, head, json, post, put, type Route } from '../route.js';

export interface FileBackend {
  statPath(name: string, path: string): Promise<object>;
  archive(
    name: string,
    path: string,
  ): Promise<{ readonly stat: object; readonly source: AsyncIterable<Uint8Array> }>;
  extract(
    name: string,
    path: string,
    tar: Readable,
    options: {
      readonly noOverwriteDirNonDir: boolean;
      readonly copyUidGid: boolean;
      readonly signal: AbortSignal;
    },
  ): Promise<void>;
  changes(name: string): Promise<readonly object[] | null>;
  export(name: string): Promise<AsyncIterable<Uint8Array>>;
  commit(
    name: string,
    options: {
      readonly reference?: string | undefined;
      readonly author: string;
      readonly comment: string;
      readonly pause: boolean;
      readonly changes: readonly string[];
      readonly config?: ContainerConfig | undefined;
    },
    signal: AbortSignal,
  ): Promise<string>;
}

/** Files of containers, and images made of them. */
export function fileRoutes(containers: FileBackend): readonly Route[] {
  return [
    head('/containers/{name}/archive', async ({ params, query }) =>
      empty(200, statHeader(await containers.statPath(params.name, pathOf(query)))),
    ),
    get('/containers/{name}/archive', async ({ params, query }) => {
      const { stat, source } = await containers.archive(params.name, pathOf(query));
      return { kind: 'stream', status: 200, type: 'application/x-tar', headers: statHeader(stat), source };
    }),
    put('/containers/{name}/archive', async ({ params, query, body, signal }) => {
      const options = {
        noOverwriteDirNonDir: query.flag('noOverwriteDirNonDir'),
        copyUidGid: query.flag('copyUIDGID'),
        signal,
      };
      await containers.extract(params.name, pathOf(query), body, options);
      return empty(200);
    }),
    get('/containers/{name}/changes', async ({ params }) => json(200, await containers.changes(params.name))),
    get('/containers/{name}/export', async ({ params }) => ({
      kind: 'stream',
      status: 200,
      type: 'application/octet-stream',
      source: await containers.export(params.name),
    })),
    post('/commit', async (request) => json(201, { Id: await commit(containers, request) })),
  ];
}

function statHeader(stat: object): Readonly<Record<string, string>> {
  return { 'X-Docker-Container-Path-Stat': Buffer.from(JSON.stringify(stat)).toString('base64') };
}

/** Throws PARAMETER_INVALID in moby's words. */
function pathOf(query: Query): string {
  const path = query.text('path');
  if (path === undefined) throw invalidParameter('bad parameter: pathcannot be empty');
  return path;
}

async function commit(containers: FileBackend, request: ApiRequest): Promise<string> {
  const { query, signal } = request;
  const repository = query.text('repo');
  const tag = query.text('tag');
  return containers.commit(
    query.text('container') ?? '',
    {
      reference: repository && (tag ? `${repository}:${tag}` : repository),
      author: query.text('author') ?? '',
      comment: query.text('comment') ?? '',
      pause: query.flag('pause', true),
      changes: query.list('changes'),
      config: await request.json(containerConfig),
    },
    signal,
  );
}
