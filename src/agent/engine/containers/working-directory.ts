import { closeSync, constants } from 'node:fs';
import { isTsmachineError, systemErrorCode } from '../../../shared/errors.js';
import { O_PATH, openInRoot } from '../../kernel/rooted-open.js';
import { makeDirectory } from '../../rootfs/make-directory.js';
import { workingDirectoryIsFile } from '../../runtime/errors.js';
import type { Container } from './container.js';
import { openContainerView } from './container-view.js';
import type { ContainerContext } from './context.js';

/**
 * Makes the directory that a client has asked to work in, as Docker does when the container is made: it can be
 * copied to before the start. Throws RUNTIME_FAILED where something else is.
 */
export async function makeWorkingDirectory(
  context: ContainerContext,
  container: Container,
  path: string,
): Promise<void> {
  await using view = await openContainerView(context, container, { mounts: false });
  try {
    makeDirectory(view.root, path, container.record.idMap);
    closeSync(openInRoot(view.root, path, O_PATH | constants.O_DIRECTORY));
  } catch (error) {
    const isFile = systemErrorCode(error) === 'ENOTDIR' || isTsmachineError(error);
    throw isFile ? workingDirectoryIsFile(path, error) : error;
  }
}
