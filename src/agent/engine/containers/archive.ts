import type { Readable } from 'node:stream';
import { isTsmachineError, systemErrorCode } from '../../../shared/errors.js';
import { descriptorPath } from '../../kernel/rooted-open.js';
import { archiveTreePath } from '../../rootfs/archive-path.js';
import { extractArchive } from '../../rootfs/extract-archive.js';
import { type PathStat, statTreePath, type TreePath, treePath } from '../../rootfs/tree-path.js';
import { lookupUser } from '../../runtime/user-lookup.js';
import { fileNotFound, pathUnusable, writeRefused } from '../errors.js';
import type { Container } from './container.js';
import { type ContainerView, openContainerView } from './container-view.js';
import { type ContainerContext, publish } from './context.js';

/** As the client wrote both: messages repeat them. */
export interface ContainerPath {
  readonly path: string;
  readonly name: string;
}

export interface ExtractToContainerOptions {
  readonly noOverwriteDirNonDir: boolean;
  /** All that is written belongs to the user of the container's configuration. */
  readonly copyUidGid: boolean;
  readonly signal: AbortSignal;
}

/** HEAD of the archive end point. Throws FILE_NOT_FOUND, PATH_INVALID. */
export async function statContainerPath(
  context: ContainerContext,
  container: Container,
  where: ContainerPath,
): Promise<PathStat> {
  await using view = await openContainerView(context, container, { mounts: true });
  return await translated(where, () => statTreePath(view.root, treePath(where.path)));
}

/** `docker cp` out of a container: what stands at the path, and a tar of it. Throws FILE_NOT_FOUND, PATH_INVALID. */
export async function archiveContainerPath(
  context: ContainerContext,
  container: Container,
  where: ContainerPath,
): Promise<{ readonly stat: PathStat; readonly source: AsyncIterable<Uint8Array> }> {
  const target = treePath(where.path);
  const view = await openContainerView(context, container, { mounts: true });
  try {
    const stat = await translated(where, () => statTreePath(view.root, target));
    publish(context, container, 'archive-path');
    return { stat, source: closing(view, archiveTreePath(view.root, target, container.record.idMap)) };
  } catch (error) {
    await view[Symbol.asyncDispose]();
    throw error;
  }
}

/** `docker cp` into a container. Throws FILE_NOT_FOUND, NOT_A_DIRECTORY, READ_ONLY, WOULD_OVERWRITE, … */
export async function extractToContainer(
  context: ContainerContext,
  container: Container,
  where: ContainerPath,
  tar: Readable,
  { noOverwriteDirNonDir, copyUidGid, signal }: ExtractToContainerOptions,
): Promise<void> {
  await using view = await openContainerView(context, container, { mounts: true });
  const user = copyUidGid ? (container.record.config.User ?? '') : '';
  const owner = user === '' ? undefined : await lookupUser(descriptorPath(view.root), user);
  const target: TreePath = treePath(where.path);
  await translated(where, () =>
    extractArchive(view.root, tar, {
      ...{ target, noOverwriteDirNonDir, owner, signal },
      idMap: container.record.idMap,
      checkWritable: (path) => checkWritable(container, path),
    }),
  );
  publish(context, container, 'extract-to-dir');
}

/** A mount decides for what is below it, else the root. */
function checkWritable({ record }: Container, path: string): void {
  const mount = record.mounts
    .filter(({ Destination }) => path === Destination || path.startsWith(`${Destination}/`))
    .at(-1); // they are in order, parents first
  if (mount && !mount.RW) throw writeRefused('mounted volume');
  if (!mount && record.hostConfig.ReadonlyRootfs) throw writeRefused('container rootfs');
}

/** The source as it is; the view goes with its end, also when it is never read. */
export function closing(view: ContainerView, source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  return {
    async *[Symbol.asyncIterator]() {
      await using _view = view;
      yield* source;
    },
  };
}

async function translated<T>({ path, name }: ContainerPath, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const reason = isTsmachineError(error) ? undefined : reasons.get(systemErrorCode(error) ?? '');
    if (reason === undefined) throw error;
    if (reason === 'no such file') throw fileNotFound(path, name);
    throw pathUnusable(path, reason, error);
  }
}

const reasons: ReadonlyMap<string, string> = new Map([
  ['ENOENT', 'no such file'],
  ['ENOTDIR', 'not a directory'],
  ['ELOOP', 'too many levels of symbolic links'],
  ['ENAMETOOLONG', 'file name too long'],
]);
