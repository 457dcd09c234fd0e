import { pipeline, type Readable, Transform } from 'node:stream';
import type { ProgressMessage } from '../../api/progress.js';
import { decompress } from '../../shared/decompress.js';
import { type Digest, digestHex } from '../../shared/digest.js';
import { isTsmachineError, TsmachineError } from '../../shared/errors.js';
import { shortId } from '../../shared/identifiers.js';
import type { BlobRecords } from '../image/blob-records.js';
import { chainIdsOf } from '../layer/chain-id.js';
import type { LayerStore } from '../layer/layer-store.js';
import { blobStream } from './blob-stream.js';
import type { Descriptor } from './manifest.js';
import type { RegistryClient } from './registry-client.js';
import type { RetryOptions } from './retry.js';
import { throttled } from './throttled.js';

export interface LayerPull {
  readonly client: RegistryClient;
  readonly store: LayerStore;
  /** Learns which blob each layer came from. */
  readonly blobs?: BlobRecords | undefined;
  /** Lowest first, with the digest of each one's uncompressed tar. */
  readonly layers: readonly { readonly blob: Descriptor; readonly diffId: Digest }[];
  readonly progress: (message: ProgressMessage) => void;
  readonly retry: Omit<RetryOptions, 'signal' | 'onRetry'>;
  readonly signal: AbortSignal;
}

/** As many as docker downloads at a time. */
const parallelDownloads = 3;

/**
 * Downloads and unpacks what is not there, several layers at a time, each in one pass. They become visible from the
 * lowest up. The first failure ends the others and is thrown when all have ended.
 */
export async function pullLayers(pull: LayerPull): Promise<void> {
  const chainIds = chainIdsOf(pull.layers.map((layer) => layer.diffId));
  const missing = await announce(pull, chainIds);
  const stop = new AbortController();
  const signal = AbortSignal.any([pull.signal, stop.signal]);
  let failure: unknown;
  const queue = missing.values(); // shared by the workers, so the lowest begin first
  const pulls = new Map<number, Promise<void>>();
  const worker = async (): Promise<void> => {
    for (const index of queue) {
      if (signal.aborted) return;
      const parent = { chainId: chainIds[index - 1], isThere: pulls.get(index - 1) };
      const work = pullLayer({ ...pull, signal }, index, parent);
      pulls.set(index, work);
      await work.catch((error) => {
        failure ??= error;
        stop.abort();
      });
    }
  };
  await Promise.all(Array.from({ length: parallelDownloads }, worker));
  pull.signal.throwIfAborted();
  if (failure !== undefined) throw failure;
}

/** Answers which layers are to be pulled. */
async function announce(pull: LayerPull, chainIds: readonly Digest[]): Promise<number[]> {
  const missing: number[] = [];
  const announced = new Set<string>();
  for (const [index, { blob }] of pull.layers.entries()) {
    const chainId = chainIds[index];
    const isThere = missing.length === 0 && chainId !== undefined && (await pull.store.has(chainId));
    if (!isThere) missing.push(index);
    if (announced.has(blob.digest)) continue;
    announced.add(blob.digest);
    tell(pull, blob, isThere ? 'Already exists' : 'Pulling fs layer');
  }
  for (const index of missing.slice(parallelDownloads)) {
    const blob = pull.layers[index]?.blob;
    if (blob) tell(pull, blob, 'Waiting');
  }
  return missing;
}

interface Parent {
  readonly chainId: Digest | undefined;
  /** Its own pull; undefined when it was there before. */
  readonly isThere: Promise<void> | undefined;
}

async function pullLayer(pull: LayerPull, index: number, parent: Parent): Promise<void> {
  const layer = pull.layers[index];
  if (!layer) return;
  const { blob, diffId } = layer;
  const source = blobStream(pull.client, blob, {
    ...pull.retry,
    signal: pull.signal,
    onProgress: throttled((current) => tell(pull, blob, 'Downloading', { current, total: blob.size })),
    onComplete: () => {
      tell(pull, blob, 'Verifying Checksum');
      tell(pull, blob, 'Download complete');
      tell(pull, blob, 'Extracting', { current: blob.size, total: blob.size });
    },
    onRetry: (delayMs) => tell(pull, blob, `Retrying in ${Math.ceil(delayMs / 1000)} seconds`),
  });
  try {
    const tar = endAfter(await decompress(source), parent.isThere);
    await pull.store.apply(tar, diffId, parent.chainId, pull.signal);
  } catch (error) {
    source.destroy();
    throw registrationFailed(error);
  }
  if (blob.isGzip) await pull.blobs?.add(diffId, { ...blob, host: pull.client.host, path: pull.client.path });
  tell(pull, blob, 'Pull complete');
}

/** The same bytes, but their end only when the parent is there: a layer cannot become visible before it. */
function endAfter(tar: Readable, parent: Promise<void> | undefined): Readable {
  if (!parent) return tar;
  const held = new Transform({
    transform: (chunk, _encoding, next) => next(null, chunk),
    flush: (next) => void parent.then(() => next(), next),
  });
  pipeline(tar, held, () => {}); // a failure reaches the reader through `held`
  return held;
}

/** Docker's prefix for what goes wrong when a layer is unpacked. */
function registrationFailed(error: unknown): unknown {
  if (!isTsmachineError(error) || !/^(?:LAYER_|NO_SPACE|COMPRESSION_)/.test(error.code)) return error;
  return new TsmachineError(error.kind, error.code, `failed to register layer: ${error.message}`, {
    cause: error,
  });
}

function tell(
  pull: LayerPull,
  blob: Descriptor,
  status: string,
  progressDetail: NonNullable<ProgressMessage['progressDetail']> = {},
): void {
  pull.progress({ status, progressDetail, id: shortId(digestHex(blob.digest)) });
}
