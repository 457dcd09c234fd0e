import {
  abortRequest,
  infoRequest,
  infoResponse,
  readRequest,
  readResponse,
  writeAction,
  writeRequest,
  writeResponse,
} from '../../buildkit/wire/content.js';
import { nothing } from '../../buildkit/wire/control.js';
import { GrpcError, grpcCode } from '../../grpc/errors.js';
import type { MessageOf } from '../../grpc/message.js';
import { answering, type Call, streaming, unary } from '../../grpc/server.js';
import { type Digest, isDigest } from '../../shared/digest.js';
import type { BlobWriter, OciLayout } from '../cache/oci-layout.js';
import type { SessionMethods } from './build-session.js';

type WriteRequest = MessageOf<typeof writeRequest>;

/** Directories of blobs on this computer, which the build reads and writes, by the names that it knows them by. */
export function contentMethods(stores: ReadonlyMap<string, OciLayout>): SessionMethods {
  if (stores.size === 0) return [];
  const storeOf = ({ headers }: Call): OciLayout => {
    const name = String(headers['buildkit-attachable-store-id'] ?? '');
    const store = stores.get(name);
    if (!store) throw failure(grpcCode.notFound, `there is no content store ${JSON.stringify(name)}`);
    return store;
  };
  const methods = {
    Info: unary(infoRequest, infoResponse, async ({ digest }, call) => ({
      info: { digest, size: await sizeOf(storeOf(call), digestOf(digest)) },
    })),
    Read: answering(readRequest, readResponse, (request, call) => read(storeOf(call), request)),
    Write: streaming(writeRequest, writeResponse, async (stream, call) => {
      await using writer = await storeOf(call).write();
      for await (const request of stream.requests) await stream.send(await take(writer, request));
    }),
    Abort: unary(abortRequest, nothing, async () => ({})), // what is not committed goes with its call
  };
  return Object.entries(methods).map(([name, method]) => [
    `/containerd.services.content.v1.Content/${name}`,
    method,
  ]);
}

async function* read(store: OciLayout, { digest, offset, size }: MessageOf<typeof readRequest>) {
  const whole = await sizeOf(store, digestOf(digest));
  const end = size > 0 ? Math.min(whole, offset + size) : whole;
  let at = offset;
  for await (const chunk of store.read(digestOf(digest), offset)) {
    const data = chunk.subarray(0, end - at);
    if (data.length === 0) return;
    yield { offset: at, data };
    at += data.length;
  }
}

async function take(writer: BlobWriter, request: WriteRequest) {
  const { action, data, offset, total, expected } = request;
  if (action === writeAction.stat) return { action, offset: writer.size, digest: '' };
  if (offset !== writer.size && data.length > 0)
    throw failure(grpcCode.outOfRange, `a piece at ${offset}, and not at ${writer.size}`);
  await writer.append(data);
  if (action === writeAction.write) return { action, offset: writer.size, digest: '' };
  const digest = writer.digest();
  if (total > 0 && total !== writer.size)
    throw failure(grpcCode.failedPrecondition, `${writer.size} bytes came, and not ${total}`);
  if (expected !== '' && expected !== digest)
    throw failure(grpcCode.failedPrecondition, `unexpected commit digest ${digest}, expected ${expected}`);
  await writer.commit();
  return { action, offset: writer.size, digest };
}

async function sizeOf(store: OciLayout, digest: Digest): Promise<number> {
  const size = await store.size(digest);
  if (size === undefined) throw failure(grpcCode.notFound, `content ${digest}: not found`);
  return size;
}

function digestOf(text: string): Digest {
  if (isDigest(text)) return text;
  throw failure(grpcCode.invalidArgument, `${JSON.stringify(text)} is no digest`);
}

function failure(code: number, message: string): GrpcError {
  return new GrpcError({ code, message, details: [] });
}
