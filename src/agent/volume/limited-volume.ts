import { chown, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { parseBytes } from '../../shared/bytes.js';
import { errorMessage } from '../../shared/errors.js';
import { closeLimitedSpace, makeLimitedSpace, openLimitedSpace } from '../quota/limited-space.js';
import type { Owner } from '../userns/id-map.js';
import { volumeOptionInvalid } from './errors.js';

type Options = Readonly<Record<string, string>>;

/** Bytes of the option `size`; undefined for a volume without limit. Throws VOLUME_OPTION_INVALID. */
export function volumeLimit(name: string, { size }: Options): number | undefined {
  if (size === undefined) return undefined;
  try {
    const bytes = parseBytes(size);
    return bytes > 0 ? bytes : undefined;
  } catch (error) {
    throw volumeOptionInvalid(name, errorMessage(error));
  }
}

/**
 * Gives a volume's directory a file system of its own size upon its data directory, empty as a new directory is.
 * Throws VOLUME_OPTION_INVALID where the host cannot; then the owner removes the directory.
 */
export async function makeLimitedVolume(
  name: string,
  place: { readonly directory: string; readonly data: string; readonly owner: Owner | undefined },
  bytes: number,
): Promise<void> {
  const { directory, data, owner } = place;
  try {
    await makeLimitedSpace(directory, bytes, data);
    const mounted = await openLimitedSpace(directory, data);
    try {
      await rmdir(join(mounted, 'lost+found'));
      if (owner) await chown(mounted, owner.uid, owner.gid);
    } finally {
      closeLimitedSpace(directory, data);
    }
  } catch (error) {
    throw volumeOptionInvalid(name, `quota size requested but no quota support: ${errorMessage(error)}`);
  }
}
