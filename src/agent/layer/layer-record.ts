import { isDigest } from '../../shared/digest.js';
import { isJsonObject } from '../../shared/json.js';
import { decodeIdMap, type IdMap } from '../userns/id-map.js';
import type { ChainId, DiffId } from './layer-store.js';

/** A read-only layer, in `layer.json` beside its `diff`. */
export interface CommittedLayer {
  readonly kind: 'committed';
  readonly chainId: ChainId;
  readonly diffId: DiffId;
  readonly parent?: ChainId;
  /** Bytes of its own files. */
  readonly size: number;
  /** Bytes of the archive that it was unpacked from; undefined for a layer of which it cannot be rebuilt. */
  readonly tarSize?: number;
  /** Its name below `l/`. */
  readonly link: string;
  /** The boot in which it was written, until all of it is known to be on the disk. */
  readonly unsyncedSinceBoot?: string;
}

/** A container's writable layer. */
export interface ActiveLayer {
  readonly kind: 'active';
  readonly key: string;
  readonly parent?: ChainId;
  /** Bytes that may be written in it: its `diff` then leads into a `LimitedSpace` of this size. */
  readonly limit?: number;
  /** Whose the files in it are: on the disk they belong to the host's counterparts. */
  readonly idMap?: IdMap;
}

export type LayerRecord = CommittedLayer | ActiveLayer;

/** Throws TypeError when the value is no such record. */
export function decodeLayerRecord(value: unknown): LayerRecord {
  if (!isJsonObject(value)) throw new TypeError('a layer record is an object');
  const { kind, key, chainId, diffId, parent, size, tarSize, link, unsyncedSinceBoot, limit, idMap } = value;
  const upon = parent === undefined ? {} : { parent: digest(parent) };
  if (kind === 'active' && typeof key === 'string') {
    return {
      ...{ kind, key, ...upon },
      ...(typeof limit === 'number' && { limit }),
      ...(idMap !== undefined && { idMap: decodeIdMap(idMap) }),
    };
  }
  if (kind !== 'committed' || typeof size !== 'number' || typeof link !== 'string') {
    throw new TypeError('a layer record has kind, size and link');
  }
  return {
    kind,
    chainId: digest(chainId),
    diffId: digest(diffId),
    ...upon,
    size,
    ...(typeof tarSize === 'number' && { tarSize }),
    link,
    ...(typeof unsyncedSinceBoot === 'string' && { unsyncedSinceBoot }),
  };
}

function digest(value: unknown): ChainId {
  if (typeof value !== 'string' || !isDigest(value)) throw new TypeError('not a digest');
  return value;
}
