import { isJsonObject } from '../../shared/json.js';
import { idNotMapped } from './errors.js';

/** IDs of a container that are as many of the host's, in a row: a line of /proc/PID/uid_map (user_namespaces(7)). */
export interface IdRange {
  readonly container: number;
  readonly host: number;
  readonly size: number;
}

/** Which user and group of the host those of a container are. */
export interface IdMap {
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
}

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** What the kernel shows, on both sides, where an ID is none of the other side's. */
const nobody = 65_534;

/** The host's owner of what is a container's. Without a map both are the same. Throws ID_NOT_MAPPED. */
export function hostOwner(map: IdMap | undefined, { uid, gid }: Owner): Owner {
  if (!map) return { uid, gid };
  return { uid: hostId(map.uids, uid), gid: hostId(map.gids, gid) };
}

/** The same, with nobody for those that the container does not have. */
export function hostOwnerOrNobody(map: IdMap | undefined, { uid, gid }: Owner): Owner {
  if (!map) return { uid, gid };
  return { uid: toHost(map.uids, uid) ?? nobody, gid: toHost(map.gids, gid) ?? nobody };
}

/** What a process in the container sees: nobody for an owner that it does not have. */
export function containerOwner(map: IdMap | undefined, { uid, gid }: Owner): Owner {
  if (!map) return { uid, gid };
  return { uid: toContainer(map.uids, uid) ?? nobody, gid: toContainer(map.gids, gid) ?? nobody };
}

/** `hostOwner`, but IDs that the container does not have stay: for what was written before there was a map. */
export function hostOwnerOrSame(map: IdMap | undefined, { uid, gid }: Owner): Owner {
  if (!map) return { uid, gid };
  return { uid: toHost(map.uids, uid) ?? uid, gid: toHost(map.gids, gid) ?? gid };
}

/** `containerOwner`, but IDs that the container does not have stay. */
export function containerOwnerOrSame(map: IdMap | undefined, { uid, gid }: Owner): Owner {
  if (!map) return { uid, gid };
  return { uid: toContainer(map.uids, uid) ?? uid, gid: toContainer(map.gids, gid) ?? gid };
}

/** The host's owner of what root in the container has. */
export function hostRoot(map: IdMap | undefined): Owner {
  return hostOwner(map, { uid: 0, gid: 0 });
}

export function isSameMap(one: IdMap | undefined, other: IdMap | undefined): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The text of /proc/PID/uid_map. */
export function formatRanges(ranges: readonly IdRange[]): string {
  return ranges.map(({ container, host, size }) => `${container} ${host} ${size}\n`).join('');
}

/** Throws TypeError when the value is no map. */
export function decodeIdMap(value: unknown): IdMap {
  if (!isJsonObject(value)) throw new TypeError('a map of IDs is an object');
  return { uids: decodeRanges(value['uids']), gids: decodeRanges(value['gids']) };
}

function decodeRanges(value: unknown): readonly IdRange[] {
  if (!Array.isArray(value) || value.length === 0) throw new TypeError('a map of IDs has ranges');
  return value.map((each: unknown) => {
    if (!isJsonObject(each)) throw new TypeError('a range of IDs is an object');
    const { container, host, size } = each;
    if (![container, host, size].every(Number.isSafeInteger))
      throw new TypeError('a range of IDs has numbers');
    return { container: Number(container), host: Number(host), size: Number(size) };
  });
}

function hostId(ranges: readonly IdRange[], id: number): number {
  const found = toHost(ranges, id);
  if (found === undefined) throw idNotMapped(id);
  return found;
}

function toHost(ranges: readonly IdRange[], id: number): number | undefined {
  const range = ranges.find(({ container, size }) => id >= container && id < container + size);
  return range && range.host + id - range.container;
}

function toContainer(ranges: readonly IdRange[], id: number): number | undefined {
  const range = ranges.find(({ host, size }) => id >= host && id < host + size);
  return range && range.container + id - range.host;
}
