import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { addAbortSignal, Readable } from 'node:stream';
import { isTsmachineError, TsmachineError } from '../../shared/errors.js';
import { digestTrailer, type VolumeEntry, type VolumeImport } from '../volume-archive.js';
import type { EngineClient } from './engine-client.js';
import { connectionError } from './errors.js';
import type { EngineRequest } from './request.js';

/** What is in a volume; undefined when there is no such volume. Throws VOLUME_ARCHIVE_UNSUPPORTED. */
export async function volumeManifest(
  client: EngineClient,
  name: string,
  { digests }: { readonly digests: boolean },
  signal?: AbortSignal,
): Promise<ReadonlyMap<string, VolumeEntry> | undefined> {
  const entries = new Map<string, VolumeEntry>();
  const request: EngineRequest = {
    method: 'GET',
    path: ownPath(name, 'manifest'),
    query: { digests },
    signal,
  };
  try {
    for await (const entry of client.stream<VolumeEntry>(request)) entries.set(entry.path, entry);
    return entries;
  } catch (error) {
    if (isTsmachineError(error) && error.kind === 'not-found' && /no such volume/.test(error.message)) {
      return undefined;
    }
    throw translated(client, error);
  }
}

/**
 * A volume as a tar, or only some paths of it. What is read was compared with the engine's digest at its end.
 * Throws VOLUME_ARCHIVE_UNSUPPORTED, VOLUME_ARCHIVE_DAMAGED, ENGINE_CONNECTION_LOST.
 */
export async function readVolume(
  client: EngineClient,
  name: string,
  only: readonly string[] | undefined,
  signal?: AbortSignal,
): Promise<Readable> {
  const path = ownPath(name, 'archive');
  const request: EngineRequest =
    only === undefined ? { method: 'GET', path } : { method: 'POST', path, body: lines(only) };
  const response = await send(client, { ...request, signal, timeoutMs: Infinity });
  if (signal) addAbortSignal(signal, response);
  return Readable.from(checked(client, name, response), { objectMode: false });
}

/**
 * Unpacks a tar into a volume, which is made when there is none: with `whole` of all of the tar or not at all, else what
 * has arrived stays after a failure. Throws VOLUME_ARCHIVE_UNSUPPORTED, ENGINE_ERROR.
 */
export async function writeVolume(
  client: EngineClient,
  name: string,
  tar: Readable,
  { whole, signal }: { readonly whole: boolean; readonly signal?: AbortSignal },
): Promise<VolumeImport> {
  const headers = { 'content-type': 'application/x-tar' };
  const hash = createHash('sha256');
  const body = Readable.from(hashing(tar, hash), { objectMode: false });
  const path = ownPath(name, 'archive');
  const request: EngineRequest = {
    method: 'PUT',
    path,
    query: { create: true, whole },
    headers,
    body,
    signal,
  };
  try {
    const result = await client.json<VolumeImport>({ ...request, timeoutMs: Infinity });
    if (result.Digest !== hash.digest('hex')) throw damaged(name);
    return result;
  } catch (error) {
    throw translated(client, tar.errored ?? error);
  }
}

export async function removeFromVolume(
  client: EngineClient,
  name: string,
  paths: readonly string[],
  signal?: AbortSignal,
): Promise<void> {
  const request: EngineRequest = {
    method: 'POST',
    path: ownPath(name, 'removals'),
    body: lines(paths),
    signal,
  };
  (await send(client, { ...request, timeoutMs: Infinity })).resume();
}

async function send(client: EngineClient, request: EngineRequest): Promise<IncomingMessage> {
  try {
    return await client.request(request);
  } catch (error) {
    throw translated(client, error);
  }
}

async function* checked(client: EngineClient, name: string, response: IncomingMessage) {
  const hash = createHash('sha256');
  try {
    yield* hashing(response, hash);
  } catch (error) {
    throw connectionError(client.url, error, true);
  }
  if (response.trailers[digestTrailer] !== hash.digest('hex')) throw damaged(name);
}

async function* hashing(source: AsyncIterable<Buffer>, hash: ReturnType<typeof createHash>) {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

function lines(paths: readonly string[]): Readable {
  return Readable.from(
    paths.map((path) => `${JSON.stringify(path)}\n`),
    { objectMode: false },
  );
}

function ownPath(name: string, what: string): string {
  return `/tsmachine/volumes/${encodeURIComponent(name)}/${what}`;
}

function damaged(name: string): TsmachineError {
  const message = `the archive of volume "${name}" is not what was sent`;
  return new TsmachineError('data-loss', 'VOLUME_ARCHIVE_DAMAGED', message, {
    hints: ['run the command again: what has arrived is not sent twice by "volume copy"'],
  });
}

/** Docker Engine has no such end points. */
function translated(client: EngineClient, error: unknown): unknown {
  if (!isTsmachineError(error) || !/page not found/.test(error.message)) return error;
  const message = `the engine at "${client.url}" is not tsmachine's, or too old: it cannot give or take whole volumes`;
  return new TsmachineError('not-implemented', 'VOLUME_ARCHIVE_UNSUPPORTED', message, {
    hints: [
      'with Docker Engine use a container: docker run --rm -v NAME:/v IMAGE tar -c -C /v .',
      'run "tsmachine upgrade" where the agent is an older one',
    ],
    cause: error,
  });
}
