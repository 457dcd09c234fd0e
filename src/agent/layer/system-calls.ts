import * as libc from '../kernel/libc.js';

/** What layers need of the kernel beyond node:fs. */
export type SystemCalls = Pick<
  typeof libc,
  'mount' | 'unmount' | 'mknod' | 'setXattr' | 'getXattr' | 'listXattrs' | 'removeXattr' | 'setTimes'
>;

export const systemCalls: SystemCalls = libc;
