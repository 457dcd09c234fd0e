import { descriptorPath } from '../../kernel/rooted-open.js';
import { tarTree } from '../../layer/tar-tree.js';
import { containerGoing } from '../errors.js';
import { closing } from './archive.js';
import type { Container } from './container.js';
import { openContainerView } from './container-view.js';
import { type ContainerContext, publish } from './context.js';

/** A container's root as a tar, without what is mounted in it. Throws CONTAINER_BEING_REMOVED. */
export async function exportContainer(
  context: ContainerContext,
  container: Container,
): Promise<AsyncIterable<Uint8Array>> {
  const { status } = container.record.state;
  if (status === 'dead' || status === 'removing') throw containerGoing('export', container.id, status);
  const view = await openContainerView(context, container, { mounts: false });
  publish(context, container, 'export');
  const { idMap } = container.record;
  return closing(view, tarTree({ directory: `${descriptorPath(view.root)}/.`, prefix: '', idMap }));
}
