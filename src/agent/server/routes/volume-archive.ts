import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { digestTrailer, type VolumeEntry, type VolumeImport } from '../../../api/volume-archive.js';
import { invalidParameter } from '../errors.js';
import { type ApiResponse, empty, get, json, post, put, type Route } from '../route.js';

export interface VolumeArchiveBackend {
  manifest(name: string, options: { readonly digests: boolean }): Promise<AsyncIterable<VolumeEntry>>;
  archive(
    name: string,
    only: ReadonlySet<string> | undefined,
  ): Promise<{ readonly source: AsyncIterable<Uint8Array>; digest(): string }>;
  extract(
    name: string,
    tar: Readable,
    options: { readonly create: boolean; readonly whole: boolean; readonly signal: AbortSignal },
  ): Promise<VolumeImport>;
  removePaths(name: string, paths: ReadonlySet<string>): Promise<void>;
}

/** End points of our own, for backups and copies of volumes; see `api/volume-archive.ts`. */
export function volumeArchiveRoutes(volumes: VolumeArchiveBackend): readonly Route[] {
  return [
    get('/tsmachine/volumes/{name}/manifest', async ({ params, query }) => ({
      kind: 'messages',
      early: true,
      source: await volumes.manifest(params.name, { digests: query.flag('digests') }),
    })),
    get('/tsmachine/volumes/{name}/archive', async ({ params }) =>
      archive(await volumes.archive(params.name, undefined)),
    ),
    post('/tsmachine/volumes/{name}/archive', async ({ params, body }) =>
      archive(await volumes.archive(params.name, await paths(body))),
    ),
    put('/tsmachine/volumes/{name}/archive', async ({ params, query, body, signal }) => {
      const options = { create: query.flag('create'), whole: query.flag('whole'), signal };
      return json(200, await volumes.extract(params.name, body, options));
    }),
    post('/tsmachine/volumes/{name}/removals', async ({ params, body }) => {
      await volumes.removePaths(params.name, await paths(body));
      return empty(204);
    }),
  ];
}

function archive({ source, digest }: { source: AsyncIterable<Uint8Array>; digest(): string }): ApiResponse {
  return {
    ...{ kind: 'stream', status: 200, type: 'application/x-tar', source },
    headers: { Trailer: digestTrailer },
    trailers: () => ({ [digestTrailer]: digest() }),
  };
}

/** One JSON text a line: there may be more of them than a JSON body holds. Throws PARAMETER_INVALID. */
async function paths(body: Readable): Promise<ReadonlySet<string>> {
  const found = new Set<string>();
  for await (const line of createInterface({ input: body })) {
    const path: unknown = parse(line);
    if (typeof path !== 'string') throw invalidParameter(`not a path: ${line.slice(0, 100)}`);
    found.add(path);
  }
  return found;
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
