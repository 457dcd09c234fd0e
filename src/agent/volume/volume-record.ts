import { isJsonObject } from '../../shared/json.js';
import type { Volume } from './volume-store.js';

/** A local volume without what follows from the store. */
export type VolumeRecord = Pick<Volume, 'name' | 'createdAt' | 'labels' | 'options' | 'anonymous'>;

export function formatVolumeRecord(record: VolumeRecord): object {
  return { schemaVersion: 1, ...record };
}

/** Undefined when the value is not a record of this version. */
export function parseVolumeRecord(value: unknown): VolumeRecord | undefined {
  if (!isJsonObject(value) || value['schemaVersion'] !== 1) return undefined;
  const { name, createdAt, labels, options, anonymous } = value;
  if (typeof name !== 'string' || typeof createdAt !== 'string' || typeof anonymous !== 'boolean')
    return undefined;
  if (!isJsonObject(labels)) return undefined;
  return { name, createdAt, labels: texts(labels), options: texts(options), anonymous };
}

/** The entries of an object that are texts. */
export function texts(value: unknown): Readonly<Record<string, string>> {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(
    Object.entries(value).flatMap(([key, text]) => (typeof text === 'string' ? [[key, text]] : [])),
  );
}
