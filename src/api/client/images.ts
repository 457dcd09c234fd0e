import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import type { ImageDeleteItem, ImageHistoryItem, ImageInspect, ImagePruneResponse } from '../image.js';
import type { ProgressMessage } from '../progress.js';
import { encodeFilters } from './containers.js';
import type { EngineClient } from './engine-client.js';
import type { Filters, ImageSummary } from './types.js';

export interface ImageListOptions {
  readonly all?: boolean | undefined;
  readonly digests?: boolean | undefined;
  readonly filters?: Filters | undefined;
}

export interface PullOptions {
  /** Without tag and digest. */
  readonly name: string;
  /** A tag or a digest; empty: every tag. */
  readonly tag: string;
  readonly platform?: string | undefined;
  /** The header X-Registry-Auth. */
  readonly authorization?: string | undefined;
}

export async function listImages(
  client: EngineClient,
  options: ImageListOptions,
  signal?: AbortSignal,
): Promise<readonly ImageSummary[]> {
  const query = { ...options, filters: encodeFilters(options.filters) };
  return client.json({ method: 'GET', path: '/images/json', query, signal });
}

/** Pulls while it is read; throws ENGINE_STREAM_ERROR when the registry or the engine refuses half-way. */
export function pullImage(
  client: EngineClient,
  options: PullOptions,
  signal?: AbortSignal,
): AsyncGenerator<ProgressMessage> {
  const query = { fromImage: options.name, tag: options.tag, platform: options.platform };
  const { authorization } = options;
  const headers = authorization === undefined ? {} : { 'x-registry-auth': authorization };
  return client.stream({ method: 'POST', path: '/images/create', query, headers, signal });
}

/** The digest that an image's registry has for it; the engine asks there. */
export async function imageDigest(
  client: EngineClient,
  image: string,
  authorization: string,
  signal?: AbortSignal,
): Promise<string> {
  const headers = { 'x-registry-auth': authorization };
  const path = `/distribution/${image}/json`;
  const found = await client.json<{ readonly Descriptor: { readonly digest: string } }>({
    ...{ method: 'GET', path, headers, signal },
  });
  return found.Descriptor.digest;
}

/** Sends a tar as of `docker save`, compressed or not, while the progress is read. */
export function loadImages(
  client: EngineClient,
  tar: Readable,
  options: { readonly quiet: boolean },
  signal?: AbortSignal,
): AsyncGenerator<ProgressMessage> {
  const headers = { 'content-type': 'application/x-tar' };
  const query = { quiet: options.quiet };
  return client.stream({ method: 'POST', path: '/images/load', query, headers, body: tar, signal });
}

/** Makes an image of one layer of a tar of files; the last message names it. */
export function importImage(
  client: EngineClient,
  tar: Readable,
  options: {
    readonly repo: string | undefined;
    readonly tag: string | undefined;
    readonly message: string | undefined;
    readonly platform: string | undefined;
    /** Dockerfile instructions, a line for each. */
    readonly changes: string | undefined;
  },
  signal?: AbortSignal,
): AsyncGenerator<ProgressMessage> {
  const headers = { 'content-type': 'application/x-tar' };
  const query = { fromSrc: '-', ...options };
  return client.stream({ method: 'POST', path: '/images/create', query, headers, body: tar, signal });
}

export async function inspectImage(
  client: EngineClient,
  name: string,
  signal?: AbortSignal,
): Promise<ImageInspect> {
  return client.json({ method: 'GET', path: `${imagePath(name)}/json`, signal });
}

export async function imageHistory(
  client: EngineClient,
  name: string,
  signal?: AbortSignal,
): Promise<readonly ImageHistoryItem[]> {
  return client.json({ method: 'GET', path: `${imagePath(name)}/history`, signal });
}

export async function tagImage(
  client: EngineClient,
  name: string,
  target: { readonly repo: string; readonly tag: string },
  signal?: AbortSignal,
): Promise<void> {
  await client.json({ method: 'POST', path: `${imagePath(name)}/tag`, query: { ...target }, signal });
}

export async function removeImage(
  client: EngineClient,
  name: string,
  options: { readonly force: boolean; readonly noprune: boolean },
  signal?: AbortSignal,
): Promise<readonly ImageDeleteItem[]> {
  return client.json({ method: 'DELETE', path: imagePath(name), query: options, signal });
}

export async function pruneImages(
  client: EngineClient,
  filters: Filters,
  signal?: AbortSignal,
): Promise<Partial<ImagePruneResponse>> {
  const query = { filters: encodeFilters(filters) };
  return client.json({ method: 'POST', path: '/images/prune', query, signal, timeoutMs: Infinity });
}

/** Pushes while it is read. `authorization` is the header X-Registry-Auth. */
export function pushImage(
  client: EngineClient,
  options: { readonly name: string; readonly tag: string; readonly authorization: string },
  signal?: AbortSignal,
): AsyncGenerator<ProgressMessage> {
  const headers = { 'x-registry-auth': options.authorization };
  const query = { tag: options.tag };
  return client.stream({ method: 'POST', path: `${imagePath(options.name)}/push`, query, headers, signal });
}

/** A tar that load takes, its body to come. The caller reads or destroys it. */
export async function saveImages(
  client: EngineClient,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<IncomingMessage> {
  const parameters = names.map((name) => `names=${encodeURIComponent(name)}`).join('&');
  return client.request({ method: 'GET', path: `/images/get?${parameters}`, signal, timeoutMs: Infinity });
}

/** The slashes of a name are part of the path. */
export function imagePath(name: string): string {
  return `/images/${name.split('/').map(encodeURIComponent).join('/')}`;
}
