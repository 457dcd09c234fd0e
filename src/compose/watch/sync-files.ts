import type { Stats } from 'node:fs';
import { lstat, readFile, readlink } from 'node:fs/promises';
import { dirname } from 'node:path/posix';
import { Readable } from 'node:stream';
import { putArchive } from '../../api/client/container-files.js';
import type { EngineClient } from '../../api/client/engine-client.js';
import { systemErrorCode } from '../../shared/errors.js';
import { settleAll } from '../../shared/settle-all.js';
import { toByteString } from '../../shared/tar/tar-entry.js';
import { tarEnd, tarFile, tarHeader } from '../../shared/tar/tar-writer.js';
import { runHooks } from '../engine/hooks.js';
import type { Surroundings } from '../engine/up.js';
import type { ObservedContainer } from '../state/observed.js';
import type { FileMapping } from './plan-batch.js';

const statsAtOnce = 64;
/** A command line has an end. */
const removalsAtOnce = 500;

/**
 * Makes the files in the containers what they are here: what is gone is removed there. Containers that do not run get
 * files, too, but nothing can be removed from them. Owners are the containers' users.
 */
export async function syncFiles(
  { fleet, signal, parallel }: Pick<Surroundings, 'fleet' | 'signal' | 'parallel'>,
  containers: readonly ObservedContainer[],
  files: readonly FileMapping[],
): Promise<void> {
  const { present, gone } = await sorted(files);
  const results = await settleAll(containers, parallel, async ({ machine, id, state }) => {
    const client = fleet.client(machine);
    if (state === 'running') await remove(client, id, gone, signal);
    if (present.length === 0) return;
    const target = { path: '/', copyUidGid: true };
    await putArchive(client, id, Readable.from(pack(present)), target, signal);
  });
  for (const result of results) if (result.status === 'rejected') throw result.reason;
}

interface PresentFile extends FileMapping {
  readonly stats: Stats;
}

async function sorted(files: readonly FileMapping[]) {
  const results = await settleAll(files, statsAtOnce, async (file) => ({
    file,
    stats: await unlessGone(lstat(file.source)),
  }));
  const present: PresentFile[] = [];
  const gone: string[] = [];
  for (const result of results) {
    if (result.status === 'rejected') throw result.reason;
    const { file, stats } = result.value;
    if (stats) present.push({ ...file, stats });
    else gone.push(file.target);
  }
  return { present, gone: topmost(gone) };
}

/** Without what goes with a directory above it. */
export function topmost(paths: readonly string[]): readonly string[] {
  const all = new Set(paths);
  const isBelowAnother = (path: string): boolean => {
    const above = dirname(path);
    return above !== path && (all.has(above) || isBelowAnother(above));
  };
  return paths.filter((path) => !isBelowAnother(path));
}

async function remove(
  client: EngineClient,
  container: string,
  paths: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  for (let at = 0; at < paths.length; at += removalsAtOnce) {
    const command = ['rm', '-rf', ...paths.slice(at, at + removalsAtOnce)];
    const hook = { command, environment: {}, privileged: false, extensions: {} };
    await runHooks(client, container, [hook], signal);
  }
}

/** What vanishes meanwhile is left out: its removal comes with the next changes. */
async function* pack(files: readonly PresentFile[]): AsyncGenerator<Buffer> {
  for (const { source, target, stats } of files) {
    const name = toByteString(target.slice(1));
    const common = { mode: modeOf(stats), mtime: BigInt(Math.trunc(stats.mtimeMs)) * 1_000_000n };
    if (stats.isDirectory()) yield tarHeader({ type: 'directory', name: `${name}/`, ...common });
    if (stats.isFile()) {
      const content = await unlessGone(readFile(source));
      if (content) yield tarFile({ type: 'file', name, ...common }, content);
    }
    if (stats.isSymbolicLink()) {
      const linkName = await unlessGone(readlink(source));
      if (linkName !== undefined)
        yield tarHeader({ type: 'symlink', name, linkName: toByteString(linkName), ...common });
    }
  }
  yield tarEnd;
}

function modeOf(stats: Stats): number {
  return process.platform === 'win32' ? 0o755 : stats.mode & 0o7777;
}

async function unlessGone<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  }
}
