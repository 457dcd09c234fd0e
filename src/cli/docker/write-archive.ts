import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { outputIsTerminal } from './errors.js';

/**
 * Streams what `ask` answers into a file, which is there when it is whole, or to `stdout`. Throws OUTPUT_IS_TERMINAL
 * before it asks.
 */
export async function writeArchive(
  ask: () => Promise<Readable>,
  path: string | undefined,
  stdout: NodeJS.WriteStream,
  signal: AbortSignal,
): Promise<void> {
  if (path === undefined) {
    if (stdout.isTTY) throw outputIsTerminal('an archive', 'name a file with -o, or pipe it on');
    await pipeline(await ask(), stdout, { signal, end: false });
    return;
  }
  const archive = await ask();
  const partial = `${path}.partial-${process.pid}`;
  try {
    await pipeline(archive, createWriteStream(partial), { signal });
    await rename(partial, path);
  } catch (error) {
    await rm(partial, { force: true });
    signal.throwIfAborted();
    throw error;
  }
}
