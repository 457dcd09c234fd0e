import { statfsSync } from 'node:fs';
import { posix } from 'node:path';
import type { RunMount } from '../../runtime/spec/run-spec.js';
import { hidesProc } from '../mount-errors.js';

/**
 * Nothing may hide the container's /proc, which security modules and masked paths rest on: runc refuses it, crun does
 * not. Allowed are what LXCFS emulates, and a real proc upon all of it. Throws MOUNT_INVALID.
 */
export function refuseMountsInProc(mounts: readonly RunMount[]): void {
  for (const mount of mounts) {
    const path = posix.normalize(mount.destination);
    if (path !== '/proc' && !path.startsWith('/proc/')) continue;
    if (path === '/proc' ? !isProc(mount) : !emulated.has(path)) throw hidesProc(path);
  }
}

const emulated: ReadonlySet<string> = new Set([
  ...[
    '/proc/cpuinfo',
    '/proc/diskstats',
    '/proc/loadavg',
    '/proc/meminfo',
    '/proc/net/dev',
    '/proc/slabinfo',
  ],
  ...[
    '/proc/stat',
    '/proc/swaps',
    '/proc/uptime',
    '/proc/sys/kernel/ns_last_pid',
    '/proc/sys/crypto/fips_enabled',
  ],
]);

function isProc(mount: RunMount): boolean {
  return mount.type === 'bind' && statfsSync(mount.source).type === PROC_SUPER_MAGIC;
}

/** linux/magic.h */
const PROC_SUPER_MAGIC = 0x9fa0;
