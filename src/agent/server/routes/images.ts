import type { Readable } from 'node:stream';
import type { Filters } from '../../../api/filters.js';
import type {
  ImageDeleteItem,
  ImageHistoryItem,
  ImageInspect,
  ImagePruneResponse,
  ImageSummary,
} from '../../../api/image.js';
import type { ProgressMessage } from '../../../api/progress.js';
import type { SearchResult } from '../../../api/registry.js';
import { invalidParameter } from '../errors.js';
import { type Platform, platformOf, platformOfJson } from '../platform-query.js';
import type { Query } from '../query.js';
import { type RegistryAuth, readLogin, readRegistryAuth } from '../registry-auth.js';
import { type ApiRequest, type ApiResponse, del, empty, get, json, post, type Route } from '../route.js';

export interface ImageBackend {
  list(
    filters: Filters,
    options: { readonly all: boolean; readonly sharedSize: boolean },
  ): Promise<readonly ImageSummary[]>;
  inspect(name: string): Promise<ImageInspect>;
  history(name: string): Promise<readonly ImageHistoryItem[]>;
  tag(name: string, reference: string): Promise<void>;
  remove(
    name: string,
    options: { readonly force: boolean; readonly noPrune: boolean },
  ): Promise<readonly ImageDeleteItem[]>;
  prune(filters: Filters): Promise<ImagePruneResponse>;
  load(
    tar: Readable,
    options: { readonly platform: Platform | undefined; readonly signal: AbortSignal },
  ): AsyncIterable<ProgressMessage>;
  import(
    /** Or where it is to be fetched from. */
    tar: Readable | URL,
    options: {
      readonly reference?: string | undefined;
      readonly message: string;
      readonly platform: Platform;
      readonly changes: readonly string[];
    },
    signal: AbortSignal,
  ): AsyncIterable<ProgressMessage>;
  save(
    names: readonly string[],
    options: { readonly platform: Platform | undefined },
  ): Promise<AsyncIterable<Uint8Array>>;
  push(request: {
    readonly reference: string;
    readonly platform?: Platform | undefined;
    readonly credentials?: RegistryAuth | undefined;
    readonly signal: AbortSignal;
  }): AsyncIterable<ProgressMessage>;
  /** Answers an identity token where the registry gives one. */
  login(server: string, credentials: RegistryAuth, signal: AbortSignal): Promise<string | undefined>;
  search(options: {
    readonly term: string;
    readonly limit: number;
    readonly filters: Filters;
    readonly credentials: RegistryAuth | undefined;
    readonly signal: AbortSignal;
  }): Promise<readonly SearchResult[]>;
  distribution(name: string, credentials: RegistryAuth | undefined, signal: AbortSignal): Promise<object>;
  pull(request: {
    readonly reference: string;
    readonly credentials?: RegistryAuth | undefined;
    readonly platform?: Platform | undefined;
    readonly allTags: boolean;
    readonly signal: AbortSignal;
  }): AsyncIterable<ProgressMessage>;
}

/** `ownPlatform` is what an imported image is for when the client does not say. */
export function imageRoutes(images: ImageBackend, ownPlatform: Platform): readonly Route[] {
  return [
    get('/images/json', async ({ query }) =>
      json(
        200,
        await images.list(query.filters(), {
          all: query.flag('all'),
          sharedSize: query.flag('shared-size'),
        }),
      ),
    ),
    get('/images/get', async ({ query }) => save(images, query.list('names'), query)),
    get('/images/search', async (request) => json(200, await search(images, request))),
    get('/images/{name:path}/json', async ({ params }) => json(200, await images.inspect(params.name))),
    get('/images/{name:path}/history', async ({ params }) => json(200, await images.history(params.name))),
    get('/images/{name:path}/get', async ({ params, query }) => save(images, [params.name], query)),
    post('/images/load', async ({ query, body, signal }) => ({
      kind: 'messages',
      source: images.load(body, { platform: platformOfJson(query), signal }),
    })),
    post('/images/create', async (request) => ({
      kind: 'messages',
      source: request.query.text('fromImage')
        ? pull(images, request)
        : importImage(images, request, ownPlatform),
    })),
    post('/images/prune', async ({ query }) => json(200, await images.prune(query.filters()))),
    post('/images/{name:path}/tag', async ({ params, query }) => {
      await images.tag(params.name, repositoryTag(query.text('repo') ?? '', query.text('tag')));
      return empty(201);
    }),
    post('/images/{name:path}/push', async (request) => ({
      kind: 'messages',
      source: push(images, request),
    })),
    post('/auth', async (request) => login(images, request)),
    get('/distribution/{name:path}/json', async ({ params, headers, signal }) =>
      json(200, await images.distribution(params.name, readRegistryAuth(headers['x-registry-auth']), signal)),
    ),
    del('/images/{name:path}', async ({ params, query }) => {
      const options = { force: query.flag('force'), noPrune: query.flag('noprune') };
      return json(200, await images.remove(params.name, options));
    }),
  ];
}

function pull(images: ImageBackend, { query, headers, signal }: ApiRequest): AsyncIterable<ProgressMessage> {
  const name = query.text('fromImage') ?? '';
  return images.pull({
    reference: repositoryTag(name, query.text('tag')),
    allTags: query.text('tag') === undefined && !/[:@][^/]*$/.test(name),
    credentials: readRegistryAuth(headers['x-registry-auth']),
    platform: platformOf(query),
    signal,
  });
}

function push(
  images: ImageBackend,
  { params, query, headers, signal }: ApiRequest<'name'>,
): AsyncIterable<ProgressMessage> {
  return images.push({
    reference: repositoryTag(params.name, query.text('tag')),
    platform: platformOfJson(query),
    credentials: readRegistryAuth(headers['x-registry-auth']),
    signal,
  });
}

async function login(images: ImageBackend, request: ApiRequest): Promise<ApiResponse> {
  const { server, credentials } = await readLogin(request);
  const identityToken = await images.login(server, credentials, request.signal);
  return json(200, { Status: 'Login Succeeded', IdentityToken: identityToken ?? '' });
}

async function search(
  images: ImageBackend,
  { query, headers, signal }: ApiRequest,
): Promise<readonly SearchResult[]> {
  const term = query.text('term');
  const limit = query.integer('limit') ?? 25;
  if (term === undefined) throw invalidParameter('no search term was given');
  if (limit < 1 || limit > 100) throw invalidParameter(`limit ${limit} is outside the range of [1, 100]`);
  const credentials = readRegistryAuth(headers['x-registry-auth']);
  return await images.search({ term, limit, filters: query.filters(), credentials, signal });
}

async function save(images: ImageBackend, names: readonly string[], query: Query): Promise<ApiResponse> {
  const source = await images.save(names, { platform: platformOfJson(query) });
  return { kind: 'stream', status: 200, type: 'application/x-tar', source };
}

function importImage(
  images: ImageBackend,
  { query, body, signal }: ApiRequest,
  ownPlatform: Platform,
): AsyncIterable<ProgressMessage> {
  const source = query.text('fromSrc') ?? '-';
  const repository = query.text('repo');
  const options = {
    reference: repository && repositoryTag(repository, query.text('tag')),
    message: query.text('message') ?? `Imported from ${source}`,
    platform: platformOf(query) ?? ownPlatform,
    changes: query.list('changes'),
  };
  return images.import(source === '-' ? body : remoteUrl(source), options, signal);
}

/** As Docker takes it: without a scheme it is http. */
function remoteUrl(source: string): URL {
  const url = URL.parse(/^https?:\/\//.test(source) ? source : `http://${source}`);
  if (!url) throw invalidParameter(`"${source}" is no URL of an archive`);
  return url;
}

/** A tag may be a digest. */
function repositoryTag(repository: string, tag: string | undefined): string {
  if (tag === undefined) return repository;
  return tag.includes(':') ? `${repository}@${tag}` : `${repository}:${tag}`;
}
