import { packet } from '../../buildkit/wire/session.js';
import { type Call, streaming } from '../../grpc/server.js';
import { syncBroken } from '../errors.js';
import { sendFiles } from '../sync/send-files.js';
import type { SyncSource } from '../sync/sync-source.js';
import type { SessionMethods } from './build-session.js';

/** Directories of this computer, by the names under which the build knows them. `sent` is told of each piece. */
export function fileSyncMethods(
  sources: ReadonlyMap<string, SyncSource>,
  sent: (bytes: number) => void,
): SessionMethods {
  const diffCopy = streaming(packet, packet, async (stream, call) => {
    const [name = ''] = valuesOf(call, 'dir-name');
    const source = sources.get(name);
    if (!source) throw syncBroken(`there is no directory ${JSON.stringify(name)} in this build`);
    const request = {
      include: valuesOf(call, 'include-patterns'),
      exclude: valuesOf(call, 'exclude-patterns'),
      follow: valuesOf(call, 'followpaths'),
    };
    await sendFiles(stream, source, request, sent);
  });
  return [['/moby.filesync.v1.FileSync/DiffCopy', diffCopy]];
}

/** Newer engines escape what is not plain. */
function valuesOf(call: Call, name: string): readonly string[] {
  const values = call.values(name).filter((each) => each !== '');
  return call.headers[`${name}-encoded`] === '1' ? values.map(decodeURIComponent) : values;
}
