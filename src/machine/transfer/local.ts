import { constants } from 'node:fs';
import { copyFile, type FileHandle, mkdir, open, readdir, realpath, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { errorMessage, isTsmachineError, systemErrorCode } from '../../shared/errors.js';
import { type ByteString, byteStringText, toByteString } from '../../shared/tar/tar-entry.js';
import { isDirectory, isNoDirectory, nothingThere, transferFailed } from './errors.js';
import type { FoundSource, Item, ItemHead, Target, TargetKind } from './item.js';
import { type LocalLocation, nameOf } from './location.js';

/** A file of this computer, or with `recursive` a directory. Throws TRANSFER_FAILED. */
export async function localSource(location: LocalLocation, recursive: boolean): Promise<FoundSource> {
  const path = resolve(location.path);
  const found = await statOf(path);
  if (!found) throw nothingThere(location.path);
  if (found.isDirectory() && !recursive) throw isDirectory(location.path);
  return {
    name: nameOf(location),
    type: found.isDirectory() ? 'directory' : 'file',
    items: () => walk(path, '', []),
  };
}

/** Directories before what is in them. `above` are the real paths of the directories on the way: a link may lead back. */
async function* walk(path: string, name: string, above: readonly string[]): AsyncGenerator<Item> {
  const found = await statOf(path);
  if (!found) throw nothingThere(path);
  const head = { name: toByteString(name), mode: found.mode & 0o777 };
  if (found.isFile()) {
    yield { ...head, type: 'file', size: found.size };
    yield* contentOf(path, found.size);
    return;
  }
  if (!found.isDirectory()) throw transferFailed(path, 'it is neither a file nor a directory');
  const real = await realpath(path);
  if (above.includes(real)) throw transferFailed(path, 'a link in it leads back to a directory above');
  yield { ...head, type: 'directory', size: 0 };
  for (const entry of (await readdir(path)).sort()) {
    yield* walk(join(path, entry), name === '' ? entry : `${name}/${entry}`, [...above, real]);
  }
}

/** So many bytes and not one more, though somebody may be writing to it. */
async function* contentOf(path: string, size: number): AsyncGenerator<Buffer> {
  await using file = await open(path, 'r').catch((cause) => {
    throw transferFailed(path, errorMessage(cause), cause);
  });
  for (let at = 0; at < size; ) {
    const buffer = Buffer.allocUnsafe(Math.min(pieceSize, size - at));
    const { bytesRead } = await file.read(buffer, 0, buffer.length, at);
    if (bytesRead === 0) throw transferFailed(path, 'it became shorter while it was read');
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

const pieceSize = 256 * 1024;

export function localTarget(location: LocalLocation): Target {
  const path = resolve(location.path);
  return {
    look: () => lookAt(path, location.path),
    receive: (items, inside, signal) =>
      write(items, inside === undefined ? path : join(path, inside), signal),
  };
}

async function lookAt(path: string, shown: string): Promise<TargetKind> {
  const found = await statOf(path);
  if (found?.isDirectory()) return 'directory';
  if (found) return 'file';
  if (!(await statOf(dirname(path)))?.isDirectory()) throw nothingThere(shown);
  return 'new';
}

async function write(items: AsyncIterable<Item>, root: string, signal: AbortSignal): Promise<void> {
  let file: FileHandle | undefined;
  try {
    for await (const item of items) {
      signal.throwIfAborted();
      if (Buffer.isBuffer(item)) await file?.writeFile(item);
      else {
        await file?.close();
        file = undefined;
        file = await begin(item, root);
      }
    }
  } finally {
    await file?.close();
  }
}

/** Answers the file that content follows for. */
async function begin(head: ItemHead, root: string): Promise<FileHandle | undefined> {
  const path = pathBelow(root, head.name);
  try {
    if (head.type === 'file') return await open(path, writeFlags, head.mode);
    if (head.type === 'directory') await makeDirectory(path, head.mode);
    else await copyFile(pathBelow(root, head.target ?? ''), path);
    return undefined;
  } catch (cause) {
    if (isTsmachineError(cause)) throw cause;
    throw transferFailed(path, errorMessage(cause), cause);
  }
}

/** One that is there is filled. Its owner must be able to fill a new one, too. */
async function makeDirectory(path: string, mode: number): Promise<void> {
  await mkdir(path, { mode: mode | 0o700 }).catch(async (cause) => {
    if (systemErrorCode(cause) !== 'EEXIST') throw cause;
    if (!(await statOf(path))?.isDirectory()) throw isNoDirectory(path);
  });
}

const writeFlags = constants.O_WRONLY | constants.O_CREAT | constants.O_TRUNC;

/** The other side names what comes: nothing of it may leave the directory. */
function pathBelow(root: string, name: ByteString): string {
  if (name === '') return root;
  const text = byteStringText(name);
  const parts = text.split('/');
  const unsafe = parts.some((part) => part === '' || part === '.' || part === '..');
  const foreign = process.platform === 'win32' && /[\\:]/.test(text);
  if (unsafe || foreign || text.includes('\uFFFD')) {
    throw transferFailed(text, 'this computer cannot have a file of that name');
  }
  return join(root, ...parts);
}

async function statOf(path: string) {
  return stat(path).catch((cause) => {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(cause) ?? '')) return undefined;
    throw transferFailed(path, errorMessage(cause), cause);
  });
}
