import { closeSync, existsSync, mkdirSync } from 'node:fs';
import { randomId, shortId } from '../../../shared/identifiers.js';
import { openMountedTree, type TreeMount } from '../../kernel/mounted-tree.js';
import { hostRoot } from '../../userns/id-map.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { mountVolumes, releaseSubpaths, unmountVolumes } from './volume-mounts.js';

/** A container's files, whether it runs or not. Disposal gives them back. */
export interface ContainerView extends AsyncDisposable {
  /** A descriptor of the root; see `kernel/rooted-open.ts`. */
  readonly root: number;
}

/**
 * Opens the file system of a container: its root, with `mounts` also its volumes, bind mounts and /etc/hosts as a
 * process in it sees them; as with Docker not what it has mounted itself, /proc, or a tmpfs. The root of a container
 * that does not run stays mounted until the last view is closed.
 */
export async function openContainerView(
  context: ContainerContext,
  container: Container,
  options: { readonly mounts: boolean },
): Promise<ContainerView> {
  const holder = `view-${shortId(randomId())}`;
  const root = await context.locks.run(container.id, async () => {
    context.store.resolve(container.id); // it may have been removed while this waited
    const path = await context.layers.mount(container.id);
    container.openViews += 1;
    try {
      mkdirSync(context.paths.scratch, { recursive: true, mode: 0o700 });
      const sources = options.mounts ? await mountVolumes(context, container.record, holder) : new Map();
      const mounts = options.mounts ? mountsOf(context, container, sources) : [];
      const tree = openMountedTree(context.paths.scratch, path, mounts, hostRoot(container.record.idMap));
      releaseSubpaths(context, container.record.mounts, holder);
      return tree;
    } catch (error) {
      await giveBack(context, container, holder);
      throw error;
    }
  });
  return {
    root,
    async [Symbol.asyncDispose]() {
      closeSync(root);
      await context.locks.run(container.id, () => giveBack(context, container, holder));
    },
  };
}

/** The caller holds the container's lock. */
async function giveBack(context: ContainerContext, container: Container, holder: string): Promise<void> {
  await unmountVolumes(context, container.record, holder);
  container.openViews -= 1;
  if (container.openViews === 0 && !container.running) await context.layers.unmount(container.id);
}

/** In the order in which the runtime mounts them. What has no source any more is not there. */
function mountsOf(
  { paths }: ContainerContext,
  { id, record }: Container,
  sources: ReadonlyMap<string, string>,
): readonly TreeMount[] {
  const own = new Set(record.mounts.map(({ Destination }) => Destination));
  const files = [
    [paths.resolvConf(id), '/etc/resolv.conf'],
    [paths.hostname(id), '/etc/hostname'],
    [paths.hosts(id), '/etc/hosts'],
  ] as const;
  return [
    ...files
      .filter(([, destination]) => !own.has(destination))
      .map(([source, destination]) => ({ source, destination, readonly: false, recursive: false })),
    ...record.mounts
      .filter(({ Type }) => Type !== 'tmpfs')
      .map(({ Source, Destination, RW, recursive = true, readonlySource = false }) => ({
        source: sources.get(Destination) ?? Source,
        destination: Destination,
        readonly: !RW || readonlySource,
        recursive,
      })),
  ].filter(({ source }) => existsSync(source));
}
