import { Readable } from 'node:stream';
import { bytesMessage } from '../../../buildkit/wire/session.js';
import type { Session } from './sessions.js';

/** What the client's uploads are named by: "http://buildkit-session/…". */
export function isUpload(remote: string): boolean {
  return URL.canParse(remote) && new URL(remote).host === 'buildkit-session';
}

/** A context that the client reads from its standard input. */
export function pullUpload(session: Session, remote: string, signal: AbortSignal): Readable {
  const { pathname, host } = new URL(remote);
  return Readable.from(chunks(), { objectMode: false });

  async function* chunks(): AsyncGenerator<Uint8Array> {
    using call = session.client.stream(
      '/moby.upload.v1.Upload/Pull',
      { request: bytesMessage, response: bytesMessage },
      { metadata: { urlpath: pathname, urlhost: host }, signal },
    );
    call.end();
    for await (const { data } of call.responses) if (data.length > 0) yield data;
  }
}
