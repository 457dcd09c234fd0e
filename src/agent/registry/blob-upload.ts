import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { Digest } from '../../shared/digest.js';
import { digestOf } from '../../shared/digest.js';
import { registryBroken } from './errors.js';
import type { RegistryClient, Upload } from './registry-client.js';
import { isWorthRetrying, type RetryOptions, waitBeforeRetry } from './retry.js';

export interface UploadedBlob {
  readonly digest: Digest;
  readonly size: number;
}

/** Sends a blob that is in memory in one request, unless it is there (distribution-spec, "Monolithic upload"). */
export async function uploadDocument(client: RegistryClient, content: Buffer): Promise<UploadedBlob> {
  const blob = { digest: digestOf(content), size: content.length };
  if ((await client.blobSize(blob.digest)) !== undefined) return blob;
  const upload = await begin(client);
  await client.finishUpload(upload, blob.digest, content);
  return blob;
}

export interface UploadOptions extends RetryOptions {
  /** The blob's bytes from the beginning; the same each time. */
  readonly open: () => Readable;
  /** One that is begun already. */
  readonly upload: Upload | undefined;
}

/**
 * Sends a blob whose size and digest are known only at its end. After a broken connection the registry is asked how
 * much it has, and the rest is sent; when it does not know the upload any more, all of it again.
 */
export async function uploadStream(client: RegistryClient, options: UploadOptions): Promise<UploadedBlob> {
  let upload: Upload | undefined = options.upload;
  for (let failures = 0; ; ) {
    try {
      upload ??= await begin(client);
      return await sendRest(client, upload, options);
    } catch (error) {
      failures++;
      options.signal.throwIfAborted();
      if (failures >= options.tries || !isWorthRetrying(error)) throw error;
      await waitBeforeRetry(failures, options, error);
      upload = upload && (await client.uploadState(upload).catch(() => undefined));
    }
  }
}

async function begin(client: RegistryClient): Promise<Upload> {
  const upload = await client.beginUpload();
  if (upload === 'mounted') throw registryBroken('the registry has mounted what nobody asked for');
  return upload;
}

async function sendRest(
  client: RegistryClient,
  upload: Upload,
  options: UploadOptions,
): Promise<UploadedBlob> {
  const hash = createHash('sha256');
  let size = 0;
  const source = options.open();
  const rest = async function* (): AsyncGenerator<Buffer> {
    for await (const piece of source) {
      const bytes: Buffer = piece;
      hash.update(bytes);
      const fresh = bytes.subarray(Math.max(0, upload.offset - size));
      size += bytes.length;
      if (fresh.length > 0) yield fresh;
    }
  };
  try {
    const next = await client.continueUpload(upload, rest());
    if (size < upload.offset) throw registryBroken('the registry has more of the blob than there is');
    const digest: Digest = `sha256:${hash.digest('hex')}`;
    await client.finishUpload(next, digest);
    return { digest, size };
  } finally {
    source.destroy();
  }
}
