import {
  type SolveRequest,
  solveRequest,
  solveResponse,
  statusRequest,
  statusResponse,
} from '../../buildkit/wire/control.js';
import type { GrpcClient } from '../../grpc/client.js';
import type { MessageOf } from '../../grpc/message.js';
import { randomId } from '../../shared/identifiers.js';

export type StatusUpdate = MessageOf<typeof statusResponse>;

/** What is told of the build while it goes on. */
export type Watch = (update: StatusUpdate) => void;

const control = '/moby.buildkit.v1.Control';

/** A name for a request, by which it is asked after. */
export function newRef(): string {
  return randomId().slice(0, 25);
}

/**
 * Has an engine's BuildKit carry out a request, and hands on its status to the end. Answers what it says of the
 * result, such as "containerimage.digest". Throws GRPC_FAILED, GRPC_CONNECTION_LOST, or the signal's reason; the
 * build then has ended, too.
 */
export async function solve(
  buildKit: GrpcClient,
  request: Partial<SolveRequest>,
  watch: Watch,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, string>> {
  const { Ref = newRef() } = request;
  const over = new AbortController();
  try {
    const types = { request: solveRequest, response: solveResponse };
    const solving = buildKit.unary(`${control}/Solve`, types, { ...request, Ref }, { signal });
    const watching = follow(buildKit, Ref, watch, AbortSignal.any([signal, over.signal]));
    solving.catch(() => setTimeout(() => over.abort(), restOfStatusMs).unref());
    const [solved] = await Promise.allSettled([solving, watching]);
    if (solved.status === 'rejected') throw solved.reason;
    return solved.value.ExporterResponse;
  } finally {
    over.abort();
  }
}

/** A build that failed before its status was asked for has none. */
const restOfStatusMs = 3_000;

async function follow(buildKit: GrpcClient, Ref: string, watch: Watch, signal: AbortSignal): Promise<void> {
  const types = { request: statusRequest, response: statusResponse };
  using call = buildKit.stream<{ readonly Ref: string }, StatusUpdate>(`${control}/Status`, types, {
    signal,
  });
  await call.send({ Ref });
  call.end();
  for await (const update of call.responses) watch(update);
}
