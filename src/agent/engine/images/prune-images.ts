import type { Filters } from '../../../api/filters.js';
import type { ImageDeleteItem, ImagePruneResponse } from '../../../api/image.js';
import { isTsmachineError } from '../../../shared/errors.js';
import type { ImageContext } from './image-context.js';
import { imageFilter } from './image-filter.js';
import { layersSize } from './shared-sizes.js';

/** Without `dangling=false` only images without a name; those that containers use stay. */
export async function pruneImages(
  { images, layers, containers, events }: ImageContext,
  filters: Filters,
  remove: (name: string) => Promise<readonly ImageDeleteItem[]>,
): Promise<ImagePruneResponse> {
  const danglingOnly = !filters.get('dangling')?.has('false') && !filters.get('dangling')?.has('0');
  const rest = new Map([...filters].filter(([name]) => name !== 'dangling'));
  const test = await imageFilter(rest, (name) => images.resolve(name));
  const used = new Set<string>(containers.list().map(({ record }) => record.imageId));
  const deleted: ImageDeleteItem[] = [];
  const before = await layersSize(layers);
  for (const image of await images.list()) {
    if (used.has(image.id) || !test(image) || (danglingOnly && image.repoTags.length > 0)) continue;
    for (const name of image.repoTags.length > 0 ? image.repoTags : [image.id]) {
      deleted.push(...(await remove(name).catch(goneAlready)));
    }
  }
  const freed = Math.max(0, before - (await layersSize(layers)));
  const attributes = { reclaimed: String(freed) };
  events.publish({ type: 'image', action: 'prune', id: '', attributes });
  return { ImagesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: freed };
}

function goneAlready(error: unknown): readonly ImageDeleteItem[] {
  if (isTsmachineError(error) && (error.kind === 'not-found' || error.kind === 'conflict')) return [];
  throw error;
}
