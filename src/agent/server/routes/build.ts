import type { Readable } from 'node:stream';
import type { HostConfig } from '../../../api/container-config.js';
import { integer, list, map, object, text } from '../../../api/decode.js';
import type { Filters } from '../../../api/filters.js';
import type { ProgressMessage } from '../../../api/progress.js';
import { invalidParameter, notSupported } from '../errors.js';
import type { Query } from '../query.js';
import { type RegistryAuth, readRegistryConfig } from '../registry-auth.js';
import { type ApiRequest, empty, json, post, type Route } from '../route.js';
import { decoded, refuseUnsupported } from './build-query.js';
import { type SessionBuildBackend, sessionBuild } from './session-build.js';

export interface BuildBackend extends SessionBuildBackend {
  build(request: {
    readonly context: Readable;
    readonly dockerfile: string | undefined;
    readonly remote: string | undefined;
    readonly tags: readonly string[];
    readonly quiet: boolean;
    readonly noCache: boolean;
    readonly pull: boolean;
    readonly removeContainers: boolean;
    readonly cacheFrom: readonly string[];
    readonly buildArgs: Readonly<Record<string, string>>;
    readonly labels: Readonly<Record<string, string>>;
    readonly target: string | undefined;
    readonly platform: string | undefined;
    readonly hostConfig: HostConfig;
    readonly credentials: ReadonlyMap<string, RegistryAuth>;
    readonly signal: AbortSignal;
  }): AsyncIterable<ProgressMessage>;
  prune(filters: Filters, options: { readonly all: boolean; readonly keep: number }): Promise<object>;
}

export function buildRoutes(builds: BuildBackend): readonly Route[] {
  return [
    post('/build', async (request) => {
      const isBySession = request.query.text('version') === '2';
      return {
        kind: 'messages',
        source: isBySession ? sessionBuild(builds, request) : build(builds, request),
      };
    }),
    post('/build/cancel', async ({ query }) => {
      const id = query.text('id');
      if (id === undefined) throw invalidParameter('build ID not provided');
      builds.cancel(id);
      return empty(200);
    }),
    post('/build/prune', async ({ query }) => {
      if (query.integer('min-free-space')) throw notSupported('build cache pruning with "min-free-space"');
      const keep = ['keep-storage', 'reserved-space', 'max-used-space'].map(
        (name) => query.integer(name) ?? 0,
      );
      const options = { all: query.flag('all'), keep: Math.max(...keep) };
      return json(200, await builds.prune(query.filters(), options));
    }),
  ];
}

function build(
  builds: BuildBackend,
  { query, headers, body, signal }: ApiRequest,
): AsyncIterable<ProgressMessage> {
  refuseUnsupportedByClassic(query);
  return builds.build({
    context: body,
    dockerfile: query.text('dockerfile'),
    remote: query.text('remote'),
    tags: query.list('t'),
    quiet: query.flag('q'),
    noCache: query.flag('nocache'),
    pull: query.flag('pull'),
    removeContainers: query.flag('rm', true) || query.flag('forcerm'),
    cacheFrom: decoded(query, 'cachefrom', list(text)) ?? [],
    buildArgs: decoded(query, 'buildargs', map(text)) ?? {},
    labels: decoded(query, 'labels', map(text)) ?? {},
    target: query.text('target'),
    platform: query.text('platform'),
    hostConfig: hostConfig(query),
    credentials: readRegistryConfig(headers['x-registry-config']),
    signal,
  });
}

function refuseUnsupportedByClassic(query: Query): void {
  refuseUnsupported(query);
  const version = query.text('version');
  if (version !== undefined && version !== '1') throw invalidParameter(`invalid version ${version}`);
  if (query.text('outputs') && query.text('outputs') !== '[]')
    throw notSupported('exporting a build ("outputs")');
}

const ulimits = list(object({ Name: text, Soft: integer, Hard: integer }));

function hostConfig(query: Query): HostConfig {
  const shmSize = query.integer('shmsize') ?? 0;
  const extraHosts = query.list('extrahosts').flatMap((value) => value.split(','));
  return {
    ...{ Memory: query.integer('memory') ?? 0, MemorySwap: query.integer('memswap') ?? 0 },
    ...{ CpuShares: query.integer('cpushares') ?? 0, CpuPeriod: query.integer('cpuperiod') ?? 0 },
    ...{ CpuQuota: query.integer('cpuquota') ?? 0, CpusetCpus: query.text('cpusetcpus') ?? '' },
    CpusetMems: query.text('cpusetmems') ?? '',
    NetworkMode: query.text('networkmode') ?? '',
    CgroupParent: query.text('cgroupparent') ?? '',
    ExtraHosts: extraHosts,
    Ulimits: decoded(query, 'ulimits', ulimits) ?? [],
    ...(shmSize > 0 && { ShmSize: shmSize }),
  };
}
