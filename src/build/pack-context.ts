import { tarEnd, tarFile, tarHeader, tarPadding } from '../shared/tar/tar-writer.js';
import { contextFiles } from './context-files.js';
import { fileContent } from './file-content.js';
import type { IgnoreRules } from './ignore-rules.js';

/** A file that is in the archive but not in the directory. */
export interface ExtraFile {
  readonly name: string;
  readonly content: Uint8Array;
}

/** A directory as a tar. Throws BUILD_CONTEXT_UNREADABLE, BUILD_CONTEXT_CHANGED. */
export async function* packDirectory(
  directory: string,
  rules: IgnoreRules,
  extra: readonly ExtraFile[],
): AsyncGenerator<Buffer> {
  for await (const file of contextFiles(directory, rules)) {
    yield tarHeader(file.entry);
    const { type, size = 0 } = file.entry;
    if (type !== 'file' || size === 0) continue;
    yield* fileContent(file.path, size);
    yield tarPadding(size);
  }
  yield* packFiles(extra);
}

/** An archive of these files alone. */
export async function* packFiles(files: readonly ExtraFile[]): AsyncGenerator<Buffer> {
  for (const { name, content } of files) yield tarFile({ type: 'file', name, mode: 0o600 }, content);
  yield tarEnd;
}
