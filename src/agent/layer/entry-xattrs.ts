import { systemErrorCode } from '../../shared/errors.js';
import type { ByteString } from '../../shared/tar/tar-entry.js';
import type { SystemCalls } from './system-calls.js';

/**
 * Sets an entry's extended attributes. Overlayfs's own are left out: they would tell the kernel to look for
 * content elsewhere. Those that the file system cannot hold are left out, as docker does.
 */
export function setEntryXattrs(
  libc: SystemCalls,
  path: string | Buffer,
  xattrs: ReadonlyMap<ByteString, Buffer>,
): void {
  for (const [name, value] of xattrs) {
    if (/^(?:trusted|user)\.overlay\./.test(name)) continue;
    try {
      libc.setXattr(path, Buffer.from(name, 'latin1').toString('utf8'), value);
    } catch (error) {
      if (systemErrorCode(error) !== 'ENOTSUP' && systemErrorCode(error) !== 'EOPNOTSUPP') throw error;
    }
  }
}
