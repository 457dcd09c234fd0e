import { bytesMessage } from '../../buildkit/wire/session.js';
import { streaming } from '../../grpc/server.js';
import { syncBroken } from '../errors.js';
import type { SessionMethods } from './build-session.js';

/** BuildKit's name for what the client uploads, with a path behind it. */
export const uploadHost = 'http://buildkit-session';

/** Streams that the build fetches, each once, by the path in `uploadHost`. */
export function uploadMethods(
  uploads: ReadonlyMap<string, AsyncIterable<Uint8Array>>,
  sent: (bytes: number) => void,
): SessionMethods {
  const left = new Map(uploads);
  const pull = streaming(bytesMessage, bytesMessage, async (stream, { headers }) => {
    const path = String(headers['urlpath'] ?? '');
    const chunks = left.get(path);
    if (!chunks) throw syncBroken(`there is nothing to be uploaded at ${JSON.stringify(path)}`);
    left.delete(path);
    for await (const data of chunks) {
      await stream.send({ data });
      sent(data.length);
    }
  });
  return [['/moby.upload.v1.Upload/Pull', pull]];
}
