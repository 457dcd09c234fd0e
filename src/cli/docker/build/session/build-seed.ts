import { randomBytes } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../../../shared/errors.js';

/** By this engines tell the directories of this store's user from those of others. Made at the first build. */
export async function buildSeed(storage: string): Promise<string> {
  const path = join(storage, 'build-seed');
  const known = await readFile(path, 'utf8').catch((error: unknown) => {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  });
  if (known) return known;
  await mkdir(storage, { recursive: true, mode: 0o700 });
  const seed = randomBytes(16).toString('hex');
  try {
    await writeFile(path, seed, { mode: 0o600, flag: 'wx' });
    return seed;
  } catch (error) {
    if (systemErrorCode(error) !== 'EEXIST') throw error;
    return (await readFile(path, 'utf8')) || seed; // another build was first
  }
}
