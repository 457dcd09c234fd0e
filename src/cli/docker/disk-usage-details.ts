import type { BuildCacheRecord, DiskUsage } from '../../api/client/types.js';
import { formatBytes, formatBytesFinely } from '../../shared/bytes.js';
import { shortId } from '../../shared/identifiers.js';
import { formatRows } from '../format-template.js';
import { containerHeaders, containerRow } from './container-rows.js';
import { humanAge } from './human-duration.js';
import { imageHeaders, imageRows } from './image-rows.js';
import { volumeHeaders, volumeRow } from './volume-rows.js';

interface DetailOptions {
  readonly noTruncation: boolean;
  readonly now: number;
}

/** What `system df -v` prints: each image, container, volume and step of the build cache with its size. */
export function diskUsageDetails(usage: DiskUsage, now: number): string {
  const { images, containers, volumes, cache } = detailRows(usage, { noTruncation: false, now });
  const table = (template: string, rows: readonly object[], headers: Readonly<Record<string, string>>) =>
    formatRows(`table ${template}`, rows, { headers, minimumWidth: 10 });
  const used = usage.BuildCache.reduce((sum, { Size, Shared }) => (Shared ? sum : sum + Size), 0);
  return [
    `Images space usage:\n\n${table(imageTable, images, detailedImageHeaders)}`,
    `Containers space usage:\n\n${table(containerTable, containers, containerHeaders)}`,
    `Local Volumes space usage:\n\n${table('{{.Name}}\t{{.Links}}\t{{.Size}}', volumes, volumeHeaders)}`,
    `Build cache usage: ${formatBytesFinely(used)}\n\n${table(cacheTable, cache, cacheHeaders)}`,
  ].join('\n');
}

/** The same as one object, for templates. */
export function diskUsageObject(usage: DiskUsage, now: number): object {
  const { images, containers, volumes, cache } = detailRows(usage, { noTruncation: true, now });
  return { Images: images, Containers: containers, Volumes: volumes, BuildCache: cache };
}

const imageTable =
  '{{.Repository}}\t{{.Tag}}\t{{.ID}}\t{{.CreatedSince}}\t{{.Size}}\t{{.SharedSize}}\t{{.UniqueSize}}\t{{.Containers}}';
const containerTable =
  '{{.ID}}\t{{.Image}}\t{{.Command}}\t{{.LocalVolumes}}\t{{.Size}}\t{{.RunningFor}}\t{{.Status}}\t{{.Names}}';
const cacheTable =
  '{{.ID}}\t{{.CacheType}}\t{{.Size}}\t{{.CreatedSince}}\t{{.LastUsedSince}}\t{{.UsageCount}}\t{{.Shared}}';

const detailedImageHeaders: Readonly<Record<string, string>> = {
  ...imageHeaders,
  SharedSize: 'SHARED SIZE',
  UniqueSize: 'UNIQUE SIZE',
};

const cacheHeaders: Readonly<Record<string, string>> = {
  ID: 'CACHE ID',
  CacheType: 'CACHE TYPE',
  CreatedSince: 'CREATED',
  LastUsedSince: 'LAST USED',
  UsageCount: 'USAGE',
};

function detailRows(usage: DiskUsage, options: DetailOptions) {
  return {
    // One line for each image, whatever names it has.
    images: usage.Images.flatMap((image) => {
      const shared = Math.max(0, image.SharedSize);
      return imageRows(image, { ...options, digests: false })
        .slice(0, 1)
        .map((row) => ({
          ...row,
          Containers: String(image.Containers),
          SharedSize: formatBytes(shared),
          UniqueSize: formatBytesFinely(image.Size - shared),
        }));
    }),
    containers: usage.Containers.map((container) => containerRow({ ...container, SizeRootFs: 0 }, options)),
    volumes: usage.Volumes.map((volume) => ({
      ...volumeRow(volume),
      Links: String(volume.UsageData?.RefCount ?? 'N/A'),
      Size: volume.UsageData ? formatBytesFinely(Math.max(0, volume.UsageData.Size)) : 'N/A',
    })),
    cache: usage.BuildCache.map((record) => cacheRow(record, options)),
  };
}

function cacheRow(record: BuildCacheRecord, { noTruncation, now }: DetailOptions) {
  const since = (time: string | null | undefined) => (time ? humanAge(Date.parse(time) / 1000, now) : '');
  return {
    CacheType: record.Type,
    CreatedSince: since(record.CreatedAt),
    Description: record.Description,
    ID: noTruncation ? record.ID : shortId(record.ID),
    InUse: String(record.InUse),
    LastUsedSince: since(record.LastUsedAt),
    Shared: String(record.Shared),
    Size: formatBytesFinely(record.Size),
    UsageCount: String(record.UsageCount),
  };
}
