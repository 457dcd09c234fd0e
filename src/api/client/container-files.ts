import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { isTsmachineError } from '../../shared/errors.js';
import { containerPath } from './containers.js';
import type { EngineClient } from './engine-client.js';

/** All files as a tar, its body to come. The caller reads or destroys it. */
export async function exportContainer(
  client: EngineClient,
  id: string,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  return client.request({ method: 'GET', path: `${containerPath(id)}/export`, signal, timeoutMs: Infinity });
}

/** What the engine tells of a path in a container: Go's file mode, and the target of a link. */
export interface FileStat {
  readonly name: string;
  readonly mode: number;
  readonly linkTarget: string;
}

/** Undefined when there is no such path; throws when there is no such container. */
export async function statFile(
  client: EngineClient,
  id: string,
  path: string,
  signal?: AbortSignal,
): Promise<FileStat | undefined> {
  try {
    const request = { method: 'GET', path: `${containerPath(id)}/archive`, query: { path }, signal } as const;
    const response = await client.request(request);
    response.destroy();
    const header = response.headers['x-docker-container-path-stat'];
    // The shape is the engine's promise, as with every body.
    return JSON.parse(Buffer.from(String(header), 'base64').toString('utf8')) as FileStat;
  } catch (error) {
    const isPath =
      isTsmachineError(error) && error.kind === 'not-found' && !/no such container/i.test(error.message);
    if (isPath) return undefined;
    throw error;
  }
}

/** A tar of the path, its root named by the last part of it. The caller reads or destroys it. */
export async function getArchive(
  client: EngineClient,
  id: string,
  path: string,
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const query = { path };
  return client.request({
    method: 'GET',
    path: `${containerPath(id)}/archive`,
    query,
    signal,
    timeoutMs: Infinity,
  });
}

/** Unpacks a tar in a directory that is there. */
export async function putArchive(
  client: EngineClient,
  id: string,
  tar: Readable,
  options: { readonly path: string; readonly copyUidGid: boolean },
  signal?: AbortSignal,
): Promise<void> {
  const query = { path: options.path, noOverwriteDirNonDir: true, copyUIDGID: options.copyUidGid };
  const headers = { 'content-type': 'application/x-tar' };
  await client.json({
    ...{ method: 'PUT', path: `${containerPath(id)}/archive`, query, headers, body: tar, signal },
    timeoutMs: Infinity,
  });
}
