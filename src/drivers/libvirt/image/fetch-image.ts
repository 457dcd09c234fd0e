import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { access, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { readJson, syncDirectory, writeJsonAtomically } from '../../../shared/atomic-file.js';
import { type Digest, digestHex, digestOf } from '../../../shared/digest.js';
import { errorMessage } from '../../../shared/errors.js';
import { lockFile } from '../../../shared/file-lock.js';
import { isJsonObject } from '../../../shared/json.js';
import type { OperationContext } from '../../driver.js';
import { fileUnreadable, imageChecksumWrong, imageUnavailable } from '../errors.js';

export interface LocalImage {
  readonly path: string;
  /** Of the whole file: what the copy in a pool is named after. */
  readonly digest: Digest;
}

export function isUrl(image: string): boolean {
  return /^https?:\/\//i.test(image);
}

/** Bytes that do not come for so long end a download. */
const stallMs = 60_000;
/** For another command's download of the same image. */
const lockMs = 60 * 60_000;
const attempts = 5;

/**
 * The image as a file of this machine: the given one, or the URL's, downloaded once into `cache`. A download that
 * breaks off is continued where it ended, by this command or a later one, and becomes visible when it is whole.
 * Throws DRIVER_FILE_UNREADABLE, IMAGE_UNAVAILABLE, IMAGE_CHECKSUM_WRONG.
 */
export async function fetchImage(
  image: string,
  checksum: Digest | undefined,
  cache: string,
  context: OperationContext,
): Promise<LocalImage> {
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const path = isUrl(image) ? await download(image, checksum, cache, context) : image;
  const digest = await digestOfFile(path, cache, context.signal);
  if (checksum === undefined || digest === checksum) return { path, digest };
  if (isUrl(image)) await rm(path, { force: true });
  throw imageChecksumWrong(image, checksum, digest);
}

async function download(
  url: string,
  checksum: Digest | undefined,
  cache: string,
  context: OperationContext,
): Promise<string> {
  // The same URL may bring another image tomorrow; one with a checksum is that image and no other.
  const name = checksum === undefined ? `url-${digestHex(digestOf(url)).slice(0, 32)}` : digestHex(checksum);
  const path = join(cache, name);
  await using _lock = await lockFile(`${path}.lock`, { timeoutMs: lockMs, signal: context.signal });
  if (await exists(path)) return path;
  context.reporter.step(`Downloading "${url}"`);
  await downloadPart(url, `${path}.part`, context);
  await rename(`${path}.part`, path);
  await rm(`${path}.part.json`, { force: true });
  await syncDirectory(cache);
  return path;
}

async function downloadPart(url: string, part: string, context: OperationContext): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    const before = await sizeOf(part);
    try {
      return await continuePart(url, part, before, context.signal);
    } catch (error) {
      context.signal.throwIfAborted();
      if (error instanceof Refused) throw imageUnavailable(url, error.message, error);
      const advanced = (await sizeOf(part)) > before;
      if (!advanced && attempt >= attempts) throw imageUnavailable(url, reasonOf(error), error);
      context.reporter.debug(`download of "${url}" broke off: ${reasonOf(error)}`);
    }
  }
}

/** The server said no: asking again is useless. */
class Refused extends Error {}

async function continuePart(url: string, part: string, have: number, signal: AbortSignal): Promise<void> {
  const validator = have > 0 ? await knownValidator(part) : undefined;
  const resume = have > 0 && validator !== undefined;
  const stalled = new AbortController();
  const either = AbortSignal.any([signal, stalled.signal]);
  let timer = setTimeout(() => stalled.abort(), stallMs);
  try {
    const range = resume ? { range: `bytes=${have}-`, 'if-range': validator } : undefined;
    const headers = { 'accept-encoding': 'identity', ...range };
    const response = await fetch(url, { headers, signal: either });
    if (response.status === 416) {
      await rm(part, { force: true });
      throw new Error('the server has another image now');
    }
    if (!response.ok || !response.body) throw refusal(response.status);
    const continues = response.status === 206;
    await rememberValidator(part, response);
    const expected = Number(response.headers.get('content-length') ?? Number.NaN);
    // Piece by piece: what has arrived is kept when the connection breaks.
    await using file = await open(part, continues ? 'a' : 'w', 0o600);
    for await (const piece of response.body) {
      clearTimeout(timer);
      timer = setTimeout(() => stalled.abort(), stallMs);
      await file.write(piece);
    }
    await file.sync();
    const size = await sizeOf(part);
    if (!Number.isNaN(expected) && size !== (continues ? have : 0) + expected)
      throw new Error('it was cut short');
  } finally {
    clearTimeout(timer);
  }
}

function refusal(status: number): Error {
  const text = `the server answered ${status}`;
  return status >= 500 || status === 429 ? new Error(text) : new Refused(text);
}

/** By which a server knows that what we have is the beginning of what it has. */
async function rememberValidator(part: string, response: Response): Promise<void> {
  const etag = response.headers.get('etag');
  const validator = etag?.startsWith('"') ? etag : response.headers.get('last-modified');
  if (validator) await writeJsonAtomically(`${part}.json`, { validator });
  else await rm(`${part}.json`, { force: true });
}

async function knownValidator(part: string): Promise<string | undefined> {
  const note = await readJson(`${part}.json`).catch(() => undefined);
  return isJsonObject(note) && typeof note['validator'] === 'string' ? note['validator'] : undefined;
}

/** Reading gigabytes takes seconds, so the digest is remembered with the file's size and time. */
async function digestOfFile(path: string, cache: string, signal: AbortSignal): Promise<Digest> {
  const { size, mtimeMs, ino } = await stat(path).catch((cause) => {
    throw fileUnreadable('libvirt-image', path, cause);
  });
  const note = join(
    cache,
    `digest-${digestHex(digestOf(`${path} ${size} ${mtimeMs} ${ino}`)).slice(0, 32)}.json`,
  );
  const known = await readJson(note).catch(() => undefined);
  if (isJsonObject(known) && typeof known['digest'] === 'string') return known['digest'] as Digest;
  const hash = createHash('sha256');
  const content = createReadStream(path, { signal, highWaterMark: 2 ** 20 });
  try {
    for await (const chunk of content) hash.update(chunk);
  } catch (cause) {
    signal.throwIfAborted();
    throw fileUnreadable('libvirt-image', path, cause);
  }
  const digest: Digest = `sha256:${hash.digest('hex')}`;
  await writeJsonAtomically(note, { path, digest });
  return digest;
}

function reasonOf(error: unknown): string {
  if (error instanceof DOMException && error.name === 'AbortError') return `no data for ${stallMs / 1000}s`;
  const cause = error instanceof Error ? error.cause : undefined;
  return errorMessage(cause ?? error);
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    ({ size }) => size,
    () => 0,
  );
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
