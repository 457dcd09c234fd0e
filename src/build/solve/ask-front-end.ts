import { nothing } from '../../buildkit/wire/control.js';
import { gatewaySolveRequest, gatewaySolveResponse, returnRequest } from '../../buildkit/wire/gateway.js';
import {
  type BuildEngine,
  type BuildWatch,
  frontEnd,
  frontEndOptions,
  inSession,
  type SessionBuild,
} from './build-with-session.js';
import { newRef, solve } from './solve.js';

/** By name: "result.json", "result.txt", "result.statuscode". */
export type FrontEndAnswer = ReadonlyMap<string, Uint8Array>;

const gateway = '/moby.buildkit.v1.frontend.LLBBridge';

/**
 * Asks the Dockerfile front end something about a build ("lint", "outline", "targets") and builds nothing. Throws
 * GRPC_FAILED where it is wrong or the engine does not know the question, and the signal's reason.
 */
export async function askFrontEnd(
  engine: BuildEngine,
  build: SessionBuild,
  question: string,
  watch: BuildWatch,
  signal: AbortSignal,
): Promise<FrontEndAnswer> {
  const Ref = newRef();
  const answered = new AbortController();
  const both = AbortSignal.any([signal, answered.signal]);
  return await inSession(engine, build, watch, signal, async (Session) => {
    // The gateway's calls go on inside of a request that builds nothing itself.
    const around = solve(engine.buildKit, { Ref, Session }, watch.status, both);
    around.catch(() => {}); // awaited below
    const asked = ask(engine, build, question, { Ref, signal: both });
    asked.catch(() => {});
    try {
      const answer = await Promise.race([asked, around.then(() => asked)]);
      await around;
      return answer;
    } finally {
      answered.abort();
    }
  });
}

async function ask(
  { buildKit }: BuildEngine,
  build: SessionBuild,
  question: string,
  { Ref, signal }: { readonly Ref: string; readonly signal: AbortSignal },
): Promise<FrontEndAnswer> {
  const options = { metadata: { 'buildkit-controlapi-buildid': Ref }, signal };
  const FrontendOpt = new Map([
    ...frontEndOptions(build),
    ['frontend.caps', 'moby.buildkit.frontend.subrequests'] as const,
    ['requestid', `frontend.${question}`] as const,
  ]);
  const request = { Frontend: frontEnd, FrontendOpt };
  const types = { request: gatewaySolveRequest, response: gatewaySolveResponse };
  const { result } = await buildKit.unary(`${gateway}/Solve`, types, request, options);
  const ending = { request: returnRequest, response: nothing };
  await buildKit.unary(`${gateway}/Return`, ending, { result: {} }, options);
  return result?.metadata ?? new Map();
}
