import { inPool, mountPrototype } from './libc.js';
import { cString } from './system-error.js';

/** mount(2) in the thread pool, for file systems whose server may be slow to answer. Throws as `mount`. */
export async function mountSlowly(
  source: string,
  target: string,
  { type, flags, data }: { readonly type: string; readonly flags: number; readonly data: string },
): Promise<void> {
  const place = cString(target);
  await inPool(
    mountPrototype,
    ['mount', target],
    cString(source),
    place,
    cString(type),
    flags,
    cString(data),
  );
}
