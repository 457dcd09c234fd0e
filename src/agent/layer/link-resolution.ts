import { type ByteString, byteStringText } from '../../shared/tar/tar-entry.js';
import { layerEntryInvalid } from './errors.js';

/** As in the kernel. */
const mostLinks = 40;

/**
 * Where a directory of a layer really is, when links of the same layer are on the way: as a process would find it whose
 * root directory is the layer's. Neither ".." nor an absolute link leads out, and what is not there yet stays as it is
 * named. `linkAt` answers where a path without links in its directories leads, if it is a link. Throws LAYER_INVALID for
 * links that lead in a circle.
 */
export function resolveDirectory(
  path: ByteString,
  entryName: ByteString,
  linkAt: (path: ByteString) => ByteString | undefined,
): ByteString {
  const waiting = path.split('/').reverse();
  let links = 0;
  const resolved: ByteString[] = [];
  for (let part = waiting.pop(); part !== undefined; part = waiting.pop()) {
    if (part === '' || part === '.') continue;
    if (part === '..') {
      resolved.pop();
      continue;
    }
    const target = linkAt([...resolved, part].join('/'));
    if (target === undefined) {
      resolved.push(part);
      continue;
    }
    if (++links > mostLinks)
      throw layerEntryInvalid(entryName, `is below too many links (${byteStringText(path)})`);
    if (target.startsWith('/')) resolved.length = 0;
    waiting.push(...target.split('/').reverse());
  }
  return resolved.join('/');
}
