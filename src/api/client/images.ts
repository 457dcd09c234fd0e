import type { Readable } from 'node:stream';
import type { ProgressMessage } from '../progress.js';
import { encodeFilters } from './containers.js';
import type { EngineClient } from './engine-client.js';
import type { ImageSummary } from './types.js';

export interface ImageListOptions {
  readonly all?: boolean | undefined;
  readonly digests?: boolean | undefined;
  readonly filters?: Readonly<Record<string, readonly string[]>> | undefined;
}

export interface PullOptions {
  /** Without tag and digest. */
  readonly name: string;
  /** A tag or a digest; empty: every tag. */
  readonly tag: string;
  readonly platform?: string | undefined;
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
  return client.stream({ method: 'POST', path: '/images/create', query, signal });
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
