import {
  buildHistoryEvent,
  buildHistoryRequest,
  diskUsageRequest,
  diskUsageResponse,
  infoResponse,
  listWorkersResponse,
  nothing,
  pruneRequest,
  type SolveRequest,
  solveRequest,
  solveResponse,
  statusRequest,
  statusResponse,
  timestampOf,
  usageRecord,
} from '../../../buildkit/wire/control.js';
import type { MessageOf } from '../../../grpc/message.js';
import { answering, type Call, type Method, unary } from '../../../grpc/server.js';
import { isTsmachineError } from '../../../shared/errors.js';
import { version } from '../../../shared/version.js';
import type { BuildHost, CacheUsage } from '../build-host.js';
import { checkCacheExports } from '../cache/export-cache.js';
import { solveCanceled, solveUnsupported } from '../errors.js';
import type { SyncedTrees } from '../files/synced-trees.js';
import type { ExportRequest } from '../solve/export-result.js';
import type { Job, Jobs } from '../solve/jobs.js';
import { refusal } from '../status/buildkit-error.js';
import type { Solver } from './solver.js';
import { workerOf } from './worker.js';

export interface ControlParts {
  readonly host: BuildHost;
  readonly jobs: Jobs;
  readonly trees: SyncedTrees;
  readonly solver: Solver;
}

/** BuildKit's Control service: what `docker build`, `docker buildx` and Compose ask for. */
export function controlMethods(parts: ControlParts): readonly (readonly [string, Method])[] {
  const { host, jobs } = parts;
  const methods: Readonly<Record<string, Method>> = {
    Solve: unary(solveRequest, solveResponse, async (request, call) => ({
      ExporterResponse: await solve(parts, request, call),
    })),
    Status: answering(statusRequest, statusResponse, async function* ({ Ref }, { signal }) {
      yield* (await jobs.get(Ref, signal)).status.log.read(signal);
    }),
    ListWorkers: unary(nothing, listWorkersResponse, async () => ({ record: [workerOf(host)] })),
    Info: unary(nothing, infoResponse, async () => ({ buildkitVersion: { package: 'tsmachine', version } })),
    DiskUsage: unary(diskUsageRequest, diskUsageResponse, async ({ filter }) => {
      const found = await host.cacheUsage(filter.filter(Boolean)).catch((error) => {
        throw refusal(error);
      });
      return { record: found.map(recordOf) };
    }),
    Prune: answering(pruneRequest, usageRecord, (request) => prune(parts, request)),
    // Builds that are over are not kept.
    ListenBuildHistory: answering(buildHistoryRequest, buildHistoryEvent, async function* () {}),
    UpdateBuildHistory: unary(nothing, nothing, async () => ({})),
  };
  return Object.entries(methods).map(([name, method]) => [`/moby.buildkit.v1.Control/${name}`, method]);
}

async function solve({ jobs, solver }: ControlParts, request: SolveRequest, { signal }: Call) {
  const job = jobs.begin(request.Ref, request.Session, signal);
  const exports = exportsOf(request);
  const caches = request.Cache?.Exports ?? [];
  try {
    solver.check(exports);
    checkCacheExports(caches);
    const result = await resultOf(solver, job, request);
    const response = await solver.export(job, result, exports);
    return new Map([...response, ...(await solver.exportCaches(job, result, caches))]);
  } catch (error) {
    throw refusal(signal.aborted && !isTsmachineError(error) ? solveCanceled() : error);
  } finally {
    await jobs.end(job);
  }
}

async function resultOf(solver: Solver, job: Job, request: SolveRequest): Promise<string | undefined> {
  const { Definition, Frontend, FrontendAttrs, FrontendInputs, Cache } = request;
  if (Definition && Definition.def.length > 0) throw solveUnsupported('building a graph of operations (LLB)');
  if (Frontend === '') return await returned(job);
  return await solver.solve(
    job,
    {
      ...{ frontend: Frontend, attributes: FrontendAttrs, inputs: FrontendInputs },
      cacheImports: Cache?.Imports ?? [],
    },
    job.signal,
  );
}

/** The client drives the build itself, by calls of the gateway. */
async function returned({ returned, signal }: Job): Promise<string | undefined> {
  const leave = (): void => returned.reject(solveCanceled());
  signal.addEventListener('abort', leave);
  try {
    if (signal.aborted) leave();
    return await returned.promise;
  } finally {
    signal.removeEventListener('abort', leave);
  }
}

function exportsOf({
  Exporters,
  ExporterDeprecated,
  ExporterAttrsDeprecated,
}: SolveRequest): readonly ExportRequest[] {
  if (Exporters.length > 0) return Exporters.map(({ Type, Attrs }) => ({ type: Type, attributes: Attrs }));
  if (ExporterDeprecated === '') return [];
  return [{ type: ExporterDeprecated, attributes: ExporterAttrsDeprecated }];
}

async function* prune({ host, trees }: ControlParts, request: MessageOf<typeof pruneRequest>) {
  const { filter, all, keepDuration, keepBytes, maxUsedSpace, minFreeSpace } = request;
  if (minFreeSpace > 0) throw refusal(solveUnsupported('build cache pruning with "min-free-space"'));
  const before = Math.floor((Date.now() - keepDuration / 1e6) / 1000);
  const until = keepDuration > 0 ? [`until=${before}`] : [];
  await trees.prune();
  const options = { all, keep: Math.max(keepBytes, maxUsedSpace) };
  const gone = await host.pruneCache([...filter.filter(Boolean), ...until], options).catch((error) => {
    throw refusal(error);
  });
  yield* gone.map(recordOf);
}

function recordOf({ id, description, size, inUse, shared, createdAt, lastUsedAt, uses }: CacheUsage) {
  return {
    ...{ ID: id, Description: description, Size: size, InUse: inUse, Shared: shared, UsageCount: uses },
    ...{ Mutable: false, RecordType: 'regular' },
    CreatedAt: timestampOf(Date.parse(createdAt)),
    LastUsedAt: timestampOf(Date.parse(lastUsedAt)),
  };
}
