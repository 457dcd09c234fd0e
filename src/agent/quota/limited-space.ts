import { mkdir, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../shared/errors.js';
import { MNT, unmount } from '../kernel/libc.js';
import { runOrThrow } from '../kernel/spawn.js';
import { quotaUnsupported } from './errors.js';

/**
 * A place of limited size below a directory of its owner: `image`, a sparse file with ext4 in it, and `space` (or the
 * name that the owner gives), where it is mounted. It works on every file system, and the kernel says ENOSPC like for any full disk. Writes take up room on
 * the host only as they come, and give it back when files are removed.
 *
 * Throws QUOTA_UNSUPPORTED where the host lacks mkfs.ext4 or loop devices, or `bytes` is too small for ext4; then the
 * owner removes the directory.
 */
export async function makeLimitedSpace(directory: string, bytes: number, name = space): Promise<void> {
  const image = imageOf(directory);
  try {
    await using file = await open(image, 'wx', 0o600);
    await file.truncate(bytes);
    const options = 'lazy_itable_init=1,lazy_journal_init=1,nodiscard';
    await runOrThrow(['mkfs.ext4', '-q', '-F', '-m', '0', '-E', options, image], { timeoutMs });
    await mkdir(join(directory, name), { recursive: true });
  } catch (error) {
    throw quotaUnsupported(error);
  }
}

/** Mounts it, if it is not, such as after a reboot; answers the mounted path. Throws QUOTA_UNSUPPORTED. */
export async function openLimitedSpace(directory: string, name = space): Promise<string> {
  const place = join(directory, name);
  if (await isMountPoint(place)) return place;
  const argv = ['mount', '-t', 'ext4', '-o', 'loop,discard', imageOf(directory), place];
  await runOrThrow(argv, { timeoutMs }).catch((error) => {
    throw quotaUnsupported(error);
  });
  return place;
}

/** Unmounts it, and with that frees its loop device. The files stay. Succeeds when there is none. */
export function closeLimitedSpace(directory: string, name = space): void {
  try {
    unmount(join(directory, name), MNT.DETACH);
  } catch (error) {
    if (!['EINVAL', 'ENOENT'].includes(systemErrorCode(error) ?? '')) throw error; // EINVAL: not mounted
  }
}

export async function isMountPoint(path: string): Promise<boolean> {
  const [own, parent] = await Promise.all([stat(path), stat(join(path, '..'))]);
  return own.dev !== parent.dev;
}

function imageOf(directory: string): string {
  return join(directory, 'image');
}

const space = 'space';

const timeoutMs = 60_000;
