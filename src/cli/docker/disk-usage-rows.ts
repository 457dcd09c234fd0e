import type { DiskUsageResponse } from '../../api/system.js';
import { formatBytesFinely } from '../../shared/bytes.js';
import { isJsonObject } from '../../shared/json.js';

/** The fields of docker's `system df --format`. */
export interface DiskUsageRow {
  readonly Active: string;
  readonly Reclaimable: string;
  readonly Size: string;
  readonly TotalCount: string;
  readonly Type: string;
}

export const diskUsageTable = 'table {{.Type}}\t{{.TotalCount}}\t{{.Active}}\t{{.Size}}\t{{.Reclaimable}}';

export const diskUsageHeaders: Readonly<Record<string, string>> = { TotalCount: 'TOTAL' };

/** One row for each of docker's four kinds. */
export function diskUsageRows(usage: DiskUsageResponse): readonly DiskUsageRow[] {
  const volumeUse = (volume: object) => number(volume, 'UsageData', 'RefCount') > 0;
  return [
    imageRow(usage),
    row('Containers', usage.Containers, isRunning, (container) => number(container, 'SizeRw')),
    row('Local Volumes', usage.Volumes, volumeUse, (volume) =>
      Math.max(0, number(volume, 'UsageData', 'Size')),
    ),
    row(
      'Build Cache',
      usage.BuildCache,
      () => false,
      (entry) => number(entry, 'Size'),
    ),
  ];
}

/** Layers that several images share count once, so what can be freed is what the used images leave of the sum. */
function imageRow({ Images, LayersSize }: DiskUsageResponse): DiskUsageRow {
  const used = Images.filter((image) => number(image, 'Containers') > 0);
  const kept = used.reduce((sum, image) => {
    const [size, shared] = [number(image, 'Size'), number(image, 'SharedSize')];
    return sum + (shared >= 0 ? size - shared : size);
  }, 0);
  return texts('Images', Images.length, used.length, LayersSize, LayersSize - kept);
}

function row(
  type: string,
  items: readonly object[],
  isActive: (item: object) => boolean,
  size: (item: object) => number,
): DiskUsageRow {
  const sum = (list: readonly object[]) => list.reduce((total, item) => total + size(item), 0);
  const active = items.filter(isActive);
  return texts(type, items.length, active.length, sum(items), sum(items) - sum(active));
}

function texts(type: string, total: number, active: number, size: number, free: number): DiskUsageRow {
  const percent = size > 0 ? ` (${Math.floor((free * 100) / size)}%)` : '';
  return {
    Active: String(active),
    Reclaimable: `${formatBytesFinely(free)}${type === 'Build Cache' ? '' : percent}`,
    Size: formatBytesFinely(size),
    TotalCount: String(total),
    Type: type,
  };
}

function isRunning(container: object): boolean {
  return ['running', 'paused', 'restarting'].includes(String(Reflect.get(container, 'State')));
}

function number(item: object, ...path: readonly string[]): number {
  let value: unknown = item;
  for (const key of path) value = isJsonObject(value) ? value[key] : undefined;
  return typeof value === 'number' ? value : 0;
}
