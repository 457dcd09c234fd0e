import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { join, posix } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Digest } from '../../../shared/digest.js';
import { errorMessage, isTsmachineError } from '../../../shared/errors.js';
import { buildTooLarge, remoteFailed } from '../errors.js';
import { contextLimits } from './unpack-context.js';

export interface DownloadedFile {
  /** From the URL or the answer's Content-Disposition; empty when neither tells. */
  readonly name: string;
  readonly path: string;
  readonly digest: Digest;
  readonly type: string;
}

export function isUrl(text: string): boolean {
  return /^https?:\/\//i.test(text);
}

/** Without a byte for this long it is given up. */
const idleMs = 60_000;

/** Downloads into a directory, which the caller removes. Throws BUILD_REMOTE_FAILED, BUILD_TOO_LARGE. */
export async function downloadFile(
  url: string,
  directory: string,
  signal: AbortSignal,
): Promise<DownloadedFile> {
  const idle = new AbortController();
  const timer = setTimeout(() => idle.abort(new Error('timed out')), idleMs);
  try {
    const response = await fetch(url, { signal: AbortSignal.any([signal, idle.signal]) });
    if (!response.ok || !response.body) throw new Error(`${response.status} ${response.statusText}`);
    const path = join(directory, 'download');
    const hash = createHash('sha256');
    let length = 0;
    const watched = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
      for await (const chunk of chunks) {
        timer.refresh();
        length += chunk.length;
        if (length > contextLimits.bytes)
          throw buildTooLarge(`the download of ${url}`, `${contextLimits.bytes} bytes`);
        hash.update(chunk);
        yield chunk;
      }
    };
    await pipeline(Readable.fromWeb(response.body), watched, createWriteStream(path, { mode: 0o600 }));
    await keepTime(path, response.headers.get('last-modified'));
    return {
      name: fileName(new URL(url).pathname, response.headers.get('content-disposition')),
      ...{ path, digest: `sha256:${hash.digest('hex')}`, type: response.headers.get('content-type') ?? '' },
    };
  } catch (error) {
    signal.throwIfAborted();
    if (isTsmachineError(error)) throw error;
    throw remoteFailed(url, errorMessage(error), { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

async function keepTime(path: string, lastModified: string | null): Promise<void> {
  const time = Date.parse(lastModified ?? '');
  const at = Number.isNaN(time) ? 0 : time / 1000;
  await utimes(path, at, at);
}

function fileName(path: string, disposition: string | null): string {
  if (!path.endsWith('/')) return decoded(posix.basename(path));
  const given = /filename="?([^";]+)"?/i.exec(disposition ?? '')?.[1] ?? '';
  return given.endsWith('/') ? '' : posix.basename(given);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text).replaceAll('/', '_');
  } catch {
    return text;
  }
}
