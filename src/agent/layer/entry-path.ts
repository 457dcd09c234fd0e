import type { ByteString } from '../../shared/tar/tar-entry.js';
import { layerEntryInvalid } from './errors.js';

/**
 * An entry's path relative to the layer's root: without a leading "/" or "./" (docker strips them, too), without
 * "." and doubled slashes; empty for the root itself. Throws LAYER_INVALID for "..", wherever it stands: what
 * stays inside when resolved textually need not do so once a symbolic link is on the way.
 */
export function entryPath(name: ByteString): ByteString {
  if (isClean(name)) return name.endsWith('/') ? name.slice(0, -1) : name;
  if (name === '') throw layerEntryInvalid(name, 'has no name');
  if (name.includes('\0')) throw layerEntryInvalid(name, 'has a NUL byte in its name');
  const parts = name.split('/').filter((part) => part !== '' && part !== '.');
  if (parts.includes('..')) throw layerEntryInvalid(name, 'would leave the layer ("..")');
  return parts.join('/');
}

/** Nearly all names are; this spares them the splitting. */
function isClean(name: ByteString): boolean {
  return /^[^./\0]/.test(name) && !name.includes('/.') && !name.includes('//') && !name.includes('\0');
}

export function parentPath(path: ByteString): ByteString {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? '' : path.slice(0, slash);
}

export function baseName(path: ByteString): ByteString {
  return path.slice(path.lastIndexOf('/') + 1);
}
