import { Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ProgressMessage } from '../progress.js';
import type { Pruned } from './container-actions.js';
import { encodeFilters } from './containers.js';
import type { EngineClient } from './engine-client.js';
import type { QueryValue } from './request.js';
import type { Filters } from './types.js';

export interface Ulimit {
  readonly Name: string;
  readonly Soft: number;
  readonly Hard: number;
}

/** The parameters of `POST /build`; what is not given is the engine's choice. Sizes are bytes. */
export interface BuildOptions {
  readonly tags?: readonly string[];
  /** In the context. */
  readonly dockerfile?: string | undefined;
  /** What the engine fetches itself, instead of a context. */
  readonly remote?: string | undefined;
  readonly buildArgs?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly target?: string | undefined;
  readonly platform?: string | undefined;
  readonly cacheFrom?: readonly string[];
  readonly extraHosts?: readonly string[];
  readonly ulimits?: readonly Ulimit[];
  readonly networkMode?: string | undefined;
  readonly noCache?: boolean;
  readonly pull?: boolean;
  readonly quiet?: boolean;
  readonly removeContainers?: boolean;
  readonly forceRemove?: boolean;
  readonly squash?: boolean;
  readonly shmSize?: number | undefined;
  readonly memory?: number | undefined;
  readonly memorySwap?: number | undefined;
  readonly cpuShares?: number | undefined;
  readonly cpuPeriod?: number | undefined;
  readonly cpuQuota?: number | undefined;
  readonly cpusetCpus?: string | undefined;
  readonly cpusetMems?: string | undefined;
  readonly cgroupParent?: string | undefined;
  readonly isolation?: string | undefined;
  readonly securityOptions?: readonly string[];
  /** X-Registry-Config: logins by registry, in base64. */
  readonly registryConfig?: string | undefined;
}

/**
 * Builds while it is read: sends the context, a tar, and yields what the engine says. Closing it, or the signal,
 * ends the build. Throws ENGINE_STREAM_ERROR when a step fails, and what reading the context throws.
 */
export async function* buildImage(
  client: EngineClient,
  context: { readonly tar: AsyncIterable<Buffer>; readonly compress: boolean },
  options: BuildOptions,
  signal?: AbortSignal,
): AsyncGenerator<ProgressMessage> {
  const tar = Readable.from(context.tar, { objectMode: false });
  const body = context.compress ? compressed(tar) : tar;
  const headers = {
    'content-type': 'application/x-tar',
    ...(options.registryConfig !== undefined && { 'x-registry-config': options.registryConfig }),
  };
  const query = buildQuery(options);
  try {
    yield* client.stream<ProgressMessage>({ method: 'POST', path: '/build', query, headers, body, signal });
  } catch (error) {
    throw tar.errored ?? error; // what could not be read is why the connection broke
  } finally {
    tar.destroy();
    body.destroy();
  }
}

/** The fastest level: networks are slower than it, and most of what compresses well does so at once. */
function compressed(tar: Readable): Readable {
  const gzip = createGzip({ level: 1 });
  tar.once('error', (error) => gzip.destroy(error));
  return tar.pipe(gzip);
}

function buildQuery(options: BuildOptions): Readonly<Record<string, QueryValue | readonly string[]>> {
  return {
    ...{ t: options.tags, dockerfile: options.dockerfile, remote: options.remote, target: options.target },
    ...{ buildargs: json(options.buildArgs), labels: json(options.labels), platform: options.platform },
    ...{ cachefrom: json(options.cacheFrom), ulimits: json(options.ulimits) },
    ...{ extrahosts: options.extraHosts, networkmode: options.networkMode },
    ...{ nocache: options.noCache, pull: options.pull, q: options.quiet, squash: options.squash },
    ...{ rm: options.removeContainers, forcerm: options.forceRemove, shmsize: options.shmSize },
    ...{ memory: options.memory, memswap: options.memorySwap, cpushares: options.cpuShares },
    ...{ cpuperiod: options.cpuPeriod, cpuquota: options.cpuQuota, cpusetcpus: options.cpusetCpus },
    ...{ cpusetmems: options.cpusetMems, cgroupparent: options.cgroupParent, isolation: options.isolation },
    ...{ securityopt: options.securityOptions, version: '1' },
  };
}

function json(value: object | undefined): string | undefined {
  return value && Object.keys(value).length > 0 ? JSON.stringify(value) : undefined;
}

export interface BuildPruneOptions {
  readonly all: boolean;
  readonly filters: Filters;
  /** Bytes of cache that stay. */
  readonly keepStorage?: number | undefined;
}

export async function pruneBuildCache(
  client: EngineClient,
  options: BuildPruneOptions,
  signal?: AbortSignal,
): Promise<Pruned> {
  const { all, filters, keepStorage } = options;
  const query = { all, filters: encodeFilters(filters), 'keep-storage': keepStorage };
  const answer = await client.json<{
    readonly CachesDeleted?: readonly string[] | null;
    readonly SpaceReclaimed?: number;
  }>({ method: 'POST', path: '/build/prune', query, signal, timeoutMs: Infinity });
  return { deleted: answer.CachesDeleted ?? [], reclaimed: answer.SpaceReclaimed ?? 0 };
}
