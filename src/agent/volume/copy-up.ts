import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runOrThrow } from '../kernel/spawn.js';

const timeoutMs = 30 * 60_000;

/**
 * Copies a directory's content into another, empty one, and its own owner, mode and times onto it; hard links,
 * extended attributes, sparse files and device nodes stay what they are. Does nothing when the source is no
 * directory or the destination has content. When it fails, the destination is empty again.
 */
export async function copyUpDirectory(source: string, destination: string): Promise<void> {
  const isDirectory = await stat(source).then((one) => one.isDirectory());
  if (!isDirectory || (await readdir(destination)).length > 0) return;
  try {
    // "SRC/." is the directory itself, so that its owner and mode are copied too.
    await runOrThrow(['cp', '-a', '--reflink=auto', '--', `${source}/.`, `${destination}/`], { timeoutMs });
  } catch (error) {
    await emptyDirectory(destination);
    throw error;
  }
}

async function emptyDirectory(directory: string): Promise<void> {
  const names = await readdir(directory);
  await Promise.all(names.map((name) => rm(join(directory, name), { recursive: true, force: true })));
}
