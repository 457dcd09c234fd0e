import { lstat, readdir } from 'node:fs/promises';
import { systemErrorCode } from '../../shared/errors.js';

/** Bytes of all files below a directory, hard links counted once. What vanishes meanwhile is left out. */
export async function directoryUsage(path: string): Promise<number> {
  const seen = new Set<string>();
  const sizeOf = async (file: Buffer): Promise<number> => {
    const stat = await lstat(file, { bigint: true }).catch(ignoreMissing);
    if (!stat?.isFile()) return 0;
    if (stat.nlink > 1n && seen.has(`${stat.dev}:${stat.ino}`)) return 0;
    seen.add(`${stat.dev}:${stat.ino}`);
    return Number(stat.size);
  };
  const walk = async (directory: Buffer): Promise<number> => {
    const entries = await readdir(directory, { withFileTypes: true, encoding: 'buffer' }).catch(
      ignoreMissing,
    );
    let total = 0;
    for (const entry of entries ?? []) {
      const child = Buffer.concat([directory, slash, entry.name]); // a name need not be UTF-8
      total += entry.isDirectory() ? await walk(child) : await sizeOf(child);
    }
    return total;
  };
  return walk(Buffer.from(path));
}

const slash = Buffer.from('/');

function ignoreMissing(error: unknown): undefined {
  if (systemErrorCode(error) !== 'ENOENT') throw error;
}
