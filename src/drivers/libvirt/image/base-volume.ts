import { createReadStream } from 'node:fs';
import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { digestHex, digestOf } from '../../../shared/digest.js';
import { lockFile } from '../../../shared/file-lock.js';
import { waitUntil } from '../../../shared/wait-until.js';
import type { OperationContext } from '../../driver.js';
import { volumeXml } from '../domain/volume-xml.js';
import { poolFull, volumeVanished } from '../errors.js';
import { isLibvirtError, VIR_ERR } from '../native/errors.js';
import type { StoragePool, StorageVolume } from '../native/libvirt.js';
import { imageCache } from './cache.js';
import type { LocalImage } from './fetch-image.js';
import type { ImageFormat } from './format.js';

const lockMs = 60 * 60_000;
const spare = 64 * 2 ** 20;
/** A copy that has not grown for so long is nobody's work any more. */
const abandonedMs = 10_000;

export type BaseFile = LocalImage & Pick<ImageFormat, 'format'>;

/** Enough of a file's beginning to differ from zeros in a disk with a file system and no partitions. */
const headLength = 4096;

/**
 * The pool's copy of a file, named after its content, made once and shared by all machines that are made from it.
 * Its beginning is written last: a copy without it was never finished, and is made anew. Throws NO_SPACE.
 */
export async function ensureBaseVolume(
  pool: StoragePool,
  kind: 'image' | 'kernel' | 'initrd',
  file: BaseFile,
  context: OperationContext,
): Promise<StorageVolume> {
  const { signal } = context;
  const name = baseVolumeName(kind, file);
  // Two commands of this user copy one after the other; the second finds the copy.
  const directory = imageCache();
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const lock = join(directory, `upload-${digestHex(digestOf(`${pool.uuid} ${name}`)).slice(0, 32)}.lock`);
  await using _lock = await lockFile(lock, { timeoutMs: lockMs, signal });
  const head = await headOf(file.path);
  const found = await findWhole(pool, name, head, signal);
  return found ?? (await makeCopy(pool, { name, kind, head, ...file }, context));
}

export function baseVolumeName(kind: 'image' | 'kernel' | 'initrd', { digest, format }: BaseFile): string {
  return `tsmachine-${kind}-${digestHex(digest).slice(0, 24)}${format === 'qcow2' ? '.qcow2' : ''}`;
}

/** Throws NO_SPACE. */
export async function assertSpace(pool: StoragePool, needed: number, signal: AbortSignal): Promise<void> {
  const { available } = await pool.info({ signal });
  if (available < BigInt(needed)) throw poolFull(pool.name, needed, Number(available));
}

export async function* chunks(parts: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* parts;
}

/** What another user is copying just now is waited for; what was begun and left is removed. */
async function findWhole(
  pool: StoragePool,
  name: string,
  head: Buffer,
  signal: AbortSignal,
): Promise<StorageVolume | undefined> {
  await refresh(pool, signal);
  const present = await pool.findVolume(name, { signal });
  if (!present) return undefined;
  let allocation = -1n;
  let grewAt = performance.now();
  const outcome = await waitUntil(
    async () => {
      if (head.equals(await present.download({ offset: 0, length: head.length }, { signal }))) return 'whole';
      const now = (await present.info({ signal })).allocation;
      if (now !== allocation) grewAt = performance.now();
      allocation = now;
      return performance.now() - grewAt > abandonedMs ? 'abandoned' : undefined;
    },
    { what: `the copy of "${name}"`, timeoutMs: lockMs, signal },
  );
  if (outcome === 'whole') return present;
  await present.delete({ signal });
  return undefined;
}

/**
 * For what other programs did to the pool's directory. libvirt refuses it while a volume of the pool is being made or
 * filled, which may take long and keeps its own list right meanwhile.
 */
async function refresh(pool: StoragePool, signal: AbortSignal): Promise<void> {
  await pool.refresh({ signal }).catch((error) => {
    const isBusy = isLibvirtError(error, VIR_ERR.INTERNAL_ERROR) && /asynchronous jobs/.test(String(error));
    if (!isBusy) throw error;
  });
}

interface Copy extends BaseFile {
  readonly name: string;
  readonly kind: string;
  readonly head: Buffer;
}

async function makeCopy(pool: StoragePool, copy: Copy, context: OperationContext): Promise<StorageVolume> {
  const { signal } = context;
  const { size } = await stat(copy.path);
  context.reporter.step(`Copying the ${copy.kind} into storage pool "${pool.name}"`);
  await assertSpace(pool, size + spare, signal);
  const description = volumeXml({ name: copy.name, format: 'raw', capacity: size });
  const volume = await pool.createVolume(description, { signal });
  try {
    await uploadHeadLast(volume, copy, size, signal);
  } catch (error) {
    await volume.delete({ timeoutMs: 30_000 }).catch(() => {}); // the next command finds it unfinished
    throw error;
  }
  await refresh(pool, signal);
  const whole = await pool.findVolume(copy.name, { signal });
  if (!whole) throw volumeVanished(copy.name);
  return whole;
}

async function uploadHeadLast(
  volume: StorageVolume,
  { path, head }: Copy,
  size: number,
  signal: AbortSignal,
): Promise<void> {
  const offset = head.length;
  if (size > offset) {
    const content = createReadStream(path, { start: offset, highWaterMark: 2 ** 20 });
    await volume.upload(content, { offset, length: size - offset }, { signal });
  }
  await volume.upload(chunks([head]), { offset: 0, length: offset }, { signal });
}

async function headOf(path: string): Promise<Buffer> {
  await using file = await open(path, 'r');
  const { buffer, bytesRead } = await file.read(Buffer.alloc(headLength), 0, headLength, 0);
  return buffer.subarray(0, bytesRead);
}
