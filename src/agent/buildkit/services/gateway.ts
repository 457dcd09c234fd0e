import { nothing } from '../../../buildkit/wire/control.js';
import {
  evaluateRequest,
  type GatewaySolveRequest,
  gatewaySolveRequest,
  gatewaySolveResponse,
  inputsResponse,
  pongResponse,
  readFileRequest,
  readFileResponse,
  returnRequest,
  statFileRequest,
  statFileResponse,
} from '../../../buildkit/wire/gateway.js';
import { GrpcError } from '../../../grpc/errors.js';
import { type Call, type Method, unary } from '../../../grpc/server.js';
import type { BuildHost } from '../build-host.js';
import { multiPlatformUnsupported, solveInvalid } from '../errors.js';
import type { Job, Jobs } from '../solve/jobs.js';
import { resultDefinition } from '../solve/result-definition.js';
import { refusal } from '../status/buildkit-error.js';
import { fetchedFile, fetchFile } from './fetched-files.js';
import type { Solver } from './solver.js';
import { workerOf } from './worker.js';

export interface GatewayParts {
  readonly host: BuildHost;
  readonly jobs: Jobs;
  readonly solver: Solver;
}

/** BuildKit's gateway: buildx and Compose drive their builds by it, inside a Solve of the Control service. */
export function gatewayMethods({ host, jobs, solver }: GatewayParts): readonly (readonly [string, Method])[] {
  const methods: Readonly<Record<string, Method>> = {
    Ping: unary(nothing, pongResponse, async () => ({
      FrontendAPICaps: capabilities(frontendCapabilities),
      LLBCaps: capabilities(graphCapabilities),
      Workers: [workerOf(host)],
    })),
    Solve: unary(gatewaySolveRequest, gatewaySolveResponse, async (request, call) => {
      const job = await jobOf(jobs, call);
      try {
        const signal = AbortSignal.any([call.signal, job.signal]);
        return { result: await solve({ host, solver }, job, request, signal) };
      } catch (error) {
        throw refusal(error);
      }
    }),
    StatFile: unary(statFileRequest, statFileResponse, async ({ Ref, Path }, call) => {
      const { length } = fetchedFile(await jobOf(jobs, call), Ref, Path);
      return { stat: { path: Path, size: length, mode: 0o600 } };
    }),
    ReadFile: unary(readFileRequest, readFileResponse, async ({ Ref, FilePath, Range }, call) => {
      const content = fetchedFile(await jobOf(jobs, call), Ref, FilePath);
      const { Offset = 0, Length = content.length } = Range ?? {};
      return { Data: content.subarray(Offset, Offset + Length) };
    }),
    // A result is whole when it is answered.
    Evaluate: unary(evaluateRequest, nothing, async () => ({})),
    Inputs: unary(nothing, inputsResponse, async () => ({})),
    Warn: unary(nothing, nothing, async () => ({})),
    Return: unary(returnRequest, nothing, async ({ result, error }, call) => {
      const { returned } = await jobOf(jobs, call);
      if (error) returned.reject(new GrpcError(error));
      else if (result?.refs?.refs.size)
        returned.reject(multiPlatformUnsupported([...result.refs.refs.keys()].join(',')));
      else returned.resolve(result?.ref?.id || result?.refDeprecated || undefined);
      return {};
    }),
  };
  return Object.entries(methods).map(([name, method]) => [
    `/moby.buildkit.v1.frontend.LLBBridge/${name}`,
    method,
  ]);
}

async function solve(
  { host, solver }: Pick<GatewayParts, 'host' | 'solver'>,
  job: Job,
  request: GatewaySolveRequest,
  signal: AbortSignal,
) {
  const { Definition, Frontend, FrontendOpt, FrontendInputs, CacheImports } = request;
  if (Definition && Definition.def.length > 0)
    return { ref: { id: await fetchFile(job, Definition, host.directory, signal) } };
  const asked = {
    ...{ frontend: Frontend, attributes: FrontendOpt, cacheImports: CacheImports, inputs: FrontendInputs },
  };
  if (FrontendOpt.get('requestid')) return { metadata: await solver.answer(job, asked, signal) };
  const id = await solver.solve(job, asked, signal);
  return { ref: { id, def: resultDefinition(id) } };
}

async function jobOf(jobs: Jobs, { headers, signal }: Call): Promise<Job> {
  const ref = headers['buildkit-controlapi-buildid'];
  if (typeof ref !== 'string') throw solveInvalid('the header buildkit-controlapi-buildid is missing');
  return await jobs.get(ref, signal);
}

function capabilities(names: readonly string[]) {
  return names.map((ID) => ({ ID, Enabled: true }));
}

/** Of buildkit's frontend/gateway/pb/caps.go. */
const frontendCapabilities = [
  ...['solve.base', 'solve.inlinereturn', 'return', 'returnmap', 'proto.refarray', 'reference.output'],
  ...['importcaches', 'frontend.inputs', 'frontend.caps', 'gateway.solve.metadata', 'gateway.solve.evaluate'],
  ...['gateway.evaluate', 'gateway.warnings', 'readfile', 'statfile'],
];

/** Of buildkit's solver/pb/caps.go: what clients look for in the graphs that they make themselves. */
const graphCapabilities = [
  ...['source.image', 'source.local', 'source.local.unique', 'source.local.sessionid'],
  ...['source.local.includepatterns', 'source.local.followpaths', 'source.local.excludepatterns'],
  ...['source.http', 'source.git', 'exec.meta.base', 'constraints', 'platform', 'meta.ignorecache'],
  ...['meta.description', 'meta.exportcache'],
];
