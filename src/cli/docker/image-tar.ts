import { open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { fileUnreadable, inputIsTerminal } from './errors.js';

/** The file, or the input of this process; destroyed by the caller. Throws FILE_UNREADABLE, INPUT_IS_TERMINAL. */
export async function openImageTar(path: string | undefined, stdin: NodeJS.ReadStream): Promise<Readable> {
  if (path === undefined) {
    if (stdin.isTTY) throw inputIsTerminal('an archive', 'name a file with -i, or pipe one in');
    return stdin;
  }
  const file = await open(path, 'r').catch((cause) => {
    throw fileUnreadable(path, cause);
  });
  if ((await file.stat()).isDirectory()) {
    await file.close();
    throw fileUnreadable(path, new Error('it is a directory'));
  }
  return file.createReadStream();
}
