import { pipeline, Readable } from 'node:stream';
import { createGzip } from 'node:zlib';
import type { ProgressMessage } from '../../api/progress.js';
import { type Digest, digestHex } from '../../shared/digest.js';
import { isTsmachineError } from '../../shared/errors.js';
import { shortId } from '../../shared/identifiers.js';
import type { BlobRecords, KnownBlob } from '../image/blob-records.js';
import type { LayerStore } from '../layer/layer-store.js';
import { type UploadedBlob, uploadStream } from './blob-upload.js';
import type { RegistryClient, Upload } from './registry-client.js';
import { type RetryOptions, retrying } from './retry.js';
import { throttled } from './throttled.js';

export interface PushedLayer {
  readonly chainId: Digest;
  readonly diffId: Digest;
}

export interface LayerPush {
  readonly client: RegistryClient;
  readonly store: Pick<LayerStore, 'tar' | 'tarSize'>;
  readonly blobs: BlobRecords;
  /** Lowest first. */
  readonly layers: readonly PushedLayer[];
  readonly progress: (message: ProgressMessage) => void;
  readonly retry: Omit<RetryOptions, 'signal' | 'onRetry'>;
  readonly signal: AbortSignal;
}

/** As many as docker uploads at a time. */
const parallelUploads = 5;

/**
 * Sends the layers that the repository lacks, several at a time, and answers each one's blob. The first failure ends
 * the others and is thrown when all have ended.
 */
export async function pushLayers(push: LayerPush): Promise<readonly UploadedBlob[]> {
  const unique = new Map(push.layers.toReversed().map((layer) => [layer.diffId, layer]));
  for (const layer of unique.values()) tell(push, layer, 'Preparing');
  for (const layer of [...unique.values()].slice(parallelUploads)) tell(push, layer, 'Waiting');
  const stop = new AbortController();
  const signal = AbortSignal.any([push.signal, stop.signal]);
  const found = new Map<Digest, UploadedBlob>();
  let failure: unknown;
  const queue = unique.values(); // shared by the workers
  const worker = async (): Promise<void> => {
    for (const layer of queue) {
      if (signal.aborted) return;
      try {
        found.set(layer.diffId, await pushLayer({ ...push, signal }, layer));
      } catch (error) {
        failure ??= error;
        stop.abort();
      }
    }
  };
  await Promise.all(Array.from({ length: parallelUploads }, worker));
  push.signal.throwIfAborted();
  if (failure !== undefined) throw failure;
  return push.layers.flatMap(({ diffId }) => found.get(diffId) ?? []);
}

async function pushLayer(push: LayerPush, layer: PushedLayer): Promise<UploadedBlob> {
  const { client, blobs } = push;
  const known = (await blobs.of(layer.diffId)).filter(({ host }) => host === client.host);
  const { blob, status } =
    (await fromRegistry(push, layer, known)) ??
    (await sendLayer(push, layer, known.find(isElsewhere(client))));
  await blobs.add(layer.diffId, { ...blob, host: client.host, path: client.path });
  tell(push, layer, status);
  return blob;
}

interface Outcome {
  readonly blob: UploadedBlob;
  readonly status: string;
}

function isElsewhere(client: RegistryClient): (blob: KnownBlob) => boolean {
  return ({ path }) => path !== client.path;
}

/** A blob of the layer that the repository has already. */
async function fromRegistry(
  push: LayerPush,
  layer: PushedLayer,
  known: readonly KnownBlob[],
): Promise<Outcome | undefined> {
  for (const { digest } of known.slice(0, 4)) {
    const size = await retrying(() => push.client.blobSize(digest), retryOf(push, layer));
    if (size !== undefined) return { blob: { digest, size }, status: 'Layer already exists' };
  }
  return undefined;
}

/** From another repository of the same registry where that will do, else over the network. */
async function sendLayer(
  push: LayerPush,
  layer: PushedLayer,
  elsewhere: KnownBlob | undefined,
): Promise<Outcome> {
  const retry = retryOf(push, layer);
  const upload = await retrying(
    () =>
      push.client.beginUpload(elsewhere).catch((error) => beginWithoutMount(push.client, error, elsewhere)),
    retry,
  );
  if (upload === 'mounted' && elsewhere) {
    const { digest, size } = elsewhere;
    return { blob: { digest, size }, status: `Mounted from ${elsewhere.path}` };
  }
  const total = await push.store.tarSize(layer.chainId);
  const onProgress = throttled((current) => tell(push, layer, 'Pushing', { current, total }));
  const blob = await uploadStream(push.client, {
    ...retry,
    upload: upload === 'mounted' ? undefined : upload,
    open: () => compressed(counted(push.store.tar(layer.chainId), onProgress)),
  });
  return { blob, status: 'Pushed' };
}

/** Where the other repository may not be read, the layer is sent. */
async function beginWithoutMount(
  client: RegistryClient,
  error: unknown,
  elsewhere: KnownBlob | undefined,
): Promise<Upload | 'mounted'> {
  if (!elsewhere || !isTsmachineError(error) || error.code !== 'REGISTRY_DENIED') throw error;
  return client.beginUpload();
}

function retryOf(push: LayerPush, layer: PushedLayer): RetryOptions {
  const onRetry = (delayMs: number): void =>
    tell(push, layer, `Retrying in ${Math.ceil(delayMs / 1000)} seconds`);
  return { ...push.retry, signal: push.signal, onRetry };
}

async function* counted(
  tar: AsyncIterable<Buffer>,
  tellBytes: (bytes: number) => void,
): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const piece of tar) {
    yield piece;
    bytes += piece.length;
    tellBytes(bytes);
  }
}

/** The same tar always gives the same bytes, which a resumed upload relies on. */
function compressed(tar: AsyncIterable<Buffer>): Readable {
  const gzip = createGzip({ level: 4, memLevel: 9, chunkSize: 128 * 1024 });
  return pipeline(Readable.from(tar, { objectMode: false }), gzip, () => {}); // its reader gets the failure
}

function tell(
  push: LayerPush,
  { diffId }: PushedLayer,
  status: string,
  progressDetail: NonNullable<ProgressMessage['progressDetail']> = {},
): void {
  push.progress({ status, progressDetail, id: shortId(digestHex(diffId)) });
}
