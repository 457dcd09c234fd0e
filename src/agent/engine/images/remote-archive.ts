import { Readable } from 'node:stream';
import { errorMessage, TsmachineError } from '../../../shared/errors.js';

/** Without a byte for this long it is given up. */
const idleMs = 60_000;

/** The body of an HTTP answer, as it comes. Throws REMOTE_ARCHIVE_FAILED, also while it is read. */
export async function remoteArchive(url: URL, signal: AbortSignal): Promise<Readable> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error('timed out')), idleMs);
  const failed = (error: unknown): unknown => {
    clearTimeout(timer);
    if (signal.aborted) return signal.reason;
    const { origin, pathname } = url; // what is behind may be a signature
    const message = `failed to download ${origin}${pathname}: ${errorMessage(error)}`;
    return new TsmachineError('unavailable', 'REMOTE_ARCHIVE_FAILED', message, { cause: error });
  };
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, idle.signal]) });
    if (!response.ok || !response.body) throw new Error(`${response.status} ${response.statusText}`);
    const body = Readable.fromWeb(response.body);
    return Readable.from(watched(body, timer, failed), { objectMode: false });
  } catch (error) {
    throw failed(error);
  }
}

async function* watched(
  body: Readable,
  timer: NodeJS.Timeout,
  failed: (error: unknown) => unknown,
): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of body) {
      timer.refresh();
      yield Buffer.from(chunk);
    }
  } catch (error) {
    throw failed(error);
  } finally {
    clearTimeout(timer);
    body.destroy();
  }
}
