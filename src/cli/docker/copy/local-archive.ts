import { stat } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { systemErrorCode } from '../../../shared/errors.js';
import { exitOf, start } from '../../../shared/spawn.js';
import { copyImpossible } from '../errors.js';
import type { FileKind } from './copy-plan.js';

/** Links are followed. Throws what the system says. */
export async function localKind(path: string): Promise<FileKind> {
  try {
    return (await stat(path)).isDirectory() ? 'directory' : 'other';
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}

/** A tar of the path, its root named by the last part of it, as tar of this computer makes it. Throws COPY_IMPOSSIBLE. */
export async function* packLocal(
  path: string,
  options: { readonly followLink: boolean },
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  const full = resolve(path);
  const root = dirname(full) === full ? '.' : basename(full);
  const argv = ['tar', options.followLink ? '-chf' : '-cf', '-', '-C', dirname(full), '--', `./${root}`];
  const child = start(argv, { stdio: ['ignore', 'pipe', 'inherit'], signal });
  const exited = exitOf(child, argv);
  exited.catch(() => {}); // asked for behind the output
  if (child.stdout) yield* child.stdout;
  if ((await exited) !== 0) throw copyImpossible(`could not read all of "${path}"`);
}

/** Unpacks into a directory that is there; as its own owner unless `archive`. Throws COPY_IMPOSSIBLE. */
export async function unpackLocal(
  chunks: AsyncIterable<Buffer>,
  directory: string,
  options: { readonly archive: boolean },
  signal: AbortSignal,
): Promise<void> {
  const argv = ['tar', options.archive ? '-xpf' : '-xof', '-', '-C', resolve(directory)];
  const child = start(argv, { stdio: ['pipe', 'ignore', 'inherit'], signal });
  const exited = exitOf(child, argv);
  exited.catch(() => {});
  const feeding = child.stdin
    ? pipeline(Readable.from(chunks, { objectMode: false }), child.stdin)
    : undefined;
  const failure = await feeding?.then(
    () => undefined,
    (error: unknown) => error,
  );
  const code = await exited;
  signal.throwIfAborted();
  if (code !== 0) throw copyImpossible(`could not write all into "${directory}"`);
  if (failure) throw failure;
}
