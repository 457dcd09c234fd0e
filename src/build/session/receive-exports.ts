import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { bytesMessage, packet } from '../../buildkit/wire/session.js';
import { type Call, type Method, streaming } from '../../grpc/server.js';
import { writeChunk } from '../../grpc/write-chunk.js';
import { syncBroken } from '../errors.js';
import { receiveDirectory } from '../sync/receive-directory.js';
import type { SessionMethods } from './build-session.js';

/** Where what was built goes on this computer. */
export type ExportTarget =
  | { readonly kind: 'directory'; readonly path: string }
  /** Opened when the first of it comes; ended when all was written. */
  | { readonly kind: 'file'; open(): Promise<Writable> };

/** By their numbers among the exports of the build. */
export function exportMethods(targets: ReadonlyMap<number, ExportTarget>): SessionMethods {
  const receive: Method = (requests, call) => {
    const target = targetOf(targets, call);
    if (target.kind === 'directory')
      return streaming(packet, packet, (stream) => receiveDirectory(stream, target.path))(requests, call);
    return streaming(bytesMessage, bytesMessage, (stream) => writeAll(target, stream.requests, call))(
      requests,
      call,
    );
  };
  return targets.size === 0 ? [] : [['/moby.filesync.v1.FileSend/DiffCopy', receive]];
}

/** Engines that know one export only do not number it. */
function targetOf(targets: ReadonlyMap<number, ExportTarget>, { headers }: Call): ExportTarget {
  const number = headers['buildkit-attachable-exporter-id'];
  const target = typeof number === 'string' ? targets.get(Number(number)) : [...targets.values()][0];
  if (!target) throw syncBroken('the engine sends a result that was not asked for');
  return target;
}

async function writeAll(
  target: ExportTarget & { readonly kind: 'file' },
  chunks: AsyncIterable<{ readonly data: Uint8Array }>,
  { signal }: Call,
): Promise<void> {
  const output = await target.open();
  try {
    for await (const { data } of chunks) await writeChunk(output, Buffer.from(data), signal);
    output.end();
    await finished(output);
  } catch (error) {
    output.destroy();
    throw error;
  }
}
