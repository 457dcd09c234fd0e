import type { ByteString } from '../../shared/tar/tar-entry.js';
import { baseName, parentPath } from './entry-path.js';
import { layerEntryInvalid } from './errors.js';

/** OCI image-spec, layer.md, "Whiteouts". */
export const whiteoutPrefix = '.wh.';
export const opaqueMarker = '.wh..wh..opq';

/** The path that a whiteout hides. Throws LAYER_INVALID when that is no name. */
export function whiteoutTarget(entryName: ByteString, path: ByteString): ByteString {
  const hidden = baseName(path).slice(whiteoutPrefix.length);
  if (hidden === '' || hidden === '.' || hidden === '..') {
    throw layerEntryInvalid(entryName, 'is a whiteout of nothing');
  }
  const parent = parentPath(path);
  return parent === '' ? hidden : `${parent}/${hidden}`;
}

/** ".wh..wh.plnk" and the like: aufs kept its own files there; docker skips them, too. */
export function isAufsMetadata(path: ByteString): boolean {
  return path
    .split('/')
    .some((part) => part.startsWith(`${whiteoutPrefix}${whiteoutPrefix}`) && part !== opaqueMarker);
}
