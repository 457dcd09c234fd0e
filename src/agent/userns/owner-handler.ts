import type { TarEntry } from '../../shared/tar/tar-entry.js';
import type { SparseTarHandler } from '../../shared/tar/tar-handler.js';
import type { Owner } from './id-map.js';

/** Gives a handler entries with other owners than those that the archive says. */
export function withOwners(inner: SparseTarHandler, ownerOf: (entry: Owner) => Owner): SparseTarHandler {
  return {
    begin: (entry: TarEntry) => inner.begin({ ...entry, ...ownerOf(entry) }),
    data: (chunk, ahead) => inner.data(chunk, ahead),
    hole: (length) => inner.hole(length),
    end: () => inner.end(),
  };
}
