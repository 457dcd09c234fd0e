import { open } from 'node:fs/promises';
import { systemErrorCode } from '../shared/errors.js';
import { tarEnd, tarFile, tarHeader, tarPadding } from '../shared/tar/tar-writer.js';
import { type ContextFile, contextFiles } from './context-files.js';
import { contextChanged, contextUnreadable } from './errors.js';
import type { IgnoreRules } from './ignore-rules.js';

/** A file that is in the archive but not in the directory. */
export interface ExtraFile {
  readonly name: string;
  readonly content: Uint8Array;
}

const chunkSize = 256 * 1024;

/** A directory as a tar. Throws BUILD_CONTEXT_UNREADABLE, BUILD_CONTEXT_CHANGED. */
export async function* packDirectory(
  directory: string,
  rules: IgnoreRules,
  extra: readonly ExtraFile[],
): AsyncGenerator<Buffer> {
  for await (const file of contextFiles(directory, rules)) {
    yield tarHeader(file.entry);
    const { type, size = 0 } = file.entry;
    if (type === 'file' && size > 0) yield* content(file, size);
  }
  yield* packFiles(extra);
}

/** An archive of these files alone. */
export async function* packFiles(files: readonly ExtraFile[]): AsyncGenerator<Buffer> {
  for (const { name, content } of files) yield tarFile({ type: 'file', name, mode: 0o600 }, content);
  yield tarEnd;
}

async function* content({ path }: ContextFile, size: number): AsyncGenerator<Buffer> {
  await using file = await open(path).catch((error) => {
    throw systemErrorCode(error) === 'ENOENT' ? contextChanged(path) : contextUnreadable(path, error);
  });
  for (let left = size; left > 0; ) {
    const { bytesRead, buffer } = await file.read({ buffer: Buffer.allocUnsafe(Math.min(left, chunkSize)) });
    if (bytesRead === 0) throw contextChanged(path);
    yield buffer.subarray(0, bytesRead);
    left -= bytesRead;
  }
  yield tarPadding(size);
}
