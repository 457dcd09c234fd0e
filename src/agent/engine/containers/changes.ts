import { type ByteString, byteStringText } from '../../../shared/tar/tar-entry.js';
import type { LayerChange } from '../../layer/layer-changes.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';

/** One entry of `docker diff`. */
export interface ContainerChange {
  readonly Path: string;
  readonly Kind: 0 | 1 | 2;
}

/** What a container has changed of its image; null for nothing, as Go writes it. */
export async function containerChanges(
  { layers }: ContainerContext,
  { id }: Container,
): Promise<readonly ContainerChange[] | null> {
  const changes = await layers.changes(id, runtimeMountPoints);
  if (changes.length === 0) return null;
  return changes.map(({ kind, path }) => ({ Path: `/${byteStringText(path)}`, Kind: kinds[kind] }));
}

const kinds: Readonly<Record<LayerChange['kind'], ContainerChange['Kind']>> = {
  modified: 0,
  added: 1,
  deleted: 2,
};

/** Docker has them in a layer of its own below the container's. */
export const runtimeMountPoints: ReadonlySet<ByteString> = new Set([
  '.dockerenv',
  'dev',
  'dev/console',
  'dev/pts',
  'dev/shm',
  'etc/hostname',
  'etc/hosts',
  'etc/resolv.conf',
  'proc',
  'sys',
]);
