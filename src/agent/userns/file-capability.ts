import { hostRoot, type IdMap } from './id-map.js';

/**
 * A file's extended attribute as it counts in a container. Capabilities that root there has set the kernel keeps with
 * the host's ID of that root (struct vfs_ns_cap_data), which means nothing in an archive.
 */
export function xattrIn(map: IdMap | undefined, name: string, value: Buffer): Buffer {
  const isOfRoot =
    map !== undefined &&
    name === 'security.capability' &&
    value.length === versionThreeSize &&
    value[3] === 3 &&
    value.readUInt32LE(versionTwoSize) === hostRoot(map).uid;
  if (!isOfRoot) return value;
  const result = Buffer.from(value.subarray(0, versionTwoSize));
  result[3] = 2;
  return result;
}

const versionTwoSize = 20;
const versionThreeSize = 24;
