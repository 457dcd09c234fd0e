import { malformedStream, messageTooLarge } from './errors.js';

/** What BuildKit takes, too. */
export const largestMessage = 16 * 1024 * 1024;

const headLength = 5;

/** A message with its length before it (gRPC over HTTP2, "Length-Prefixed-Message"). */
export function frame(body: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(headLength + body.length);
  framed[0] = 0; // not compressed
  framed.writeUInt32BE(body.length, 1);
  framed.set(body, headLength);
  return framed;
}

/** The messages of a stream. Throws GRPC_STREAM_MALFORMED, GRPC_MESSAGE_TOO_LARGE. */
export async function* readFrames(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunks) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk]);
    for (let body = takeFrame(rest); body; body = takeFrame(rest)) {
      rest = rest.subarray(headLength + body.length);
      yield body;
    }
  }
  if (rest.length > 0) throw malformedStream('it ends within a message');
}

function takeFrame(buffer: Buffer): Buffer | undefined {
  if (buffer.length < headLength) return undefined;
  if (buffer[0] !== 0) throw malformedStream('compressed messages were not agreed upon');
  const length = buffer.readUInt32BE(1);
  if (length > largestMessage) throw messageTooLarge(length, largestMessage);
  return buffer.length < headLength + length ? undefined : buffer.subarray(headLength, headLength + length);
}
