import type { Filters } from '../../../api/filters.js';
import type { ImageDeleteItem, ImagePruneResponse } from '../../../api/image.js';
import { isTsmachineError } from '../../../shared/errors.js';
import { invalidFilter } from '../errors.js';
import { untilOf } from '../until.js';
import type { ImageContext } from './image-context.js';
import { imageFilter } from './image-filter.js';
import { imageLayerSizes } from './shared-sizes.js';

/**
 * Without `dangling=false` only images without a name; those that containers use stay. Freed is what the layers that went
 * had, and nothing for those that others still need. Throws FILTER_INVALID.
 */
export async function pruneImages(
  { images, layers, containers, events }: ImageContext,
  filters: Filters,
  remove: (name: string) => Promise<readonly ImageDeleteItem[]>,
): Promise<ImagePruneResponse> {
  for (const name of filters.keys()) {
    if (!['dangling', 'label', 'label!', 'until'].includes(name)) throw invalidFilter(name);
  }
  untilOf(filters); // refused before anything goes
  const danglingOnly = isTrue(filters.get('dangling') ?? new Set(['true']));
  const rest = new Map([...filters].filter(([name]) => name !== 'dangling'));
  const test = await imageFilter(rest, (name) => images.resolve(name));
  const used = new Set<string>(containers.list().map(({ record }) => record.imageId));
  const deleted: ImageDeleteItem[] = [];
  const all = await images.list();
  const sizes = await imageLayerSizes(all, layers);
  for (const image of all) {
    if (used.has(image.id) || !test(image) || (danglingOnly && image.repoTags.length > 0)) continue;
    for (const name of image.repoTags.length > 0 ? image.repoTags : [image.id]) {
      deleted.push(...(await remove(name).catch(goneAlready)));
    }
  }
  const freed = deleted.reduce(
    (sum, item) => sum + ('Deleted' in item ? (sizes.get(item.Deleted) ?? 0) : 0),
    0,
  );
  const attributes = { reclaimed: String(freed) };
  events.publish({ type: 'image', action: 'prune', id: '', attributes });
  return { ImagesDeleted: deleted.length > 0 ? deleted : null, SpaceReclaimed: freed };
}

function isTrue(values: ReadonlySet<string>): boolean {
  const [value = '', ...others] = values;
  if (others.length === 0 && ['1', 'true'].includes(value)) return true;
  if (others.length === 0 && ['0', 'false'].includes(value)) return false;
  throw invalidFilter('dangling', values);
}

function goneAlready(error: unknown): readonly ImageDeleteItem[] {
  if (isTsmachineError(error) && (error.kind === 'not-found' || error.kind === 'conflict')) return [];
  throw error;
}
