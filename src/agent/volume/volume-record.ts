import { isJsonObject } from '../../shared/json.js';
import type { Volume } from './volume-store.js';

/** A volume without its path, which follows from the store's place. */
export type VolumeRecord = Omit<Volume, 'path'>;

export function formatVolumeRecord(record: VolumeRecord): object {
  return { schemaVersion: 1, ...record };
}

/** Undefined when the value is not a record of this version. */
export function parseVolumeRecord(value: unknown): VolumeRecord | undefined {
  if (!isJsonObject(value) || value['schemaVersion'] !== 1) return undefined;
  const { name, createdAt, labels, anonymous } = value;
  if (typeof name !== 'string' || typeof createdAt !== 'string' || typeof anonymous !== 'boolean')
    return undefined;
  if (!isJsonObject(labels)) return undefined;
  const texts = Object.entries(labels).flatMap(([key, text]) =>
    typeof text === 'string' ? [[key, text]] : [],
  );
  return { name, createdAt, labels: Object.fromEntries(texts), anonymous };
}
