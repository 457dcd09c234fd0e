import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface CgroupLayout {
  /** "hybrid": v1, with a v2 tree beside it that holds controllers; crun refuses to run there. */
  readonly mode: 'v1' | 'v2' | 'hybrid';
  /** Where the v2 tree is mounted, if it is. */
  readonly unified: string | undefined;
  /** Where v1's controllers are mounted: "memory" → "/sys/fs/cgroup/memory". */
  readonly controllers: ReadonlyMap<string, string>;
}

/** Reads how this host has its control groups mounted. */
export function readCgroupLayout(): CgroupLayout {
  const { unified, controllers } = parseCgroupMounts(readFileSync('/proc/self/mountinfo', 'utf8'));
  if (controllers.size === 0) return { mode: 'v2', unified, controllers };
  const mode = unified !== undefined && hasControllers(unified) ? 'hybrid' : 'v1';
  return { mode, unified, controllers };
}

/** From the text of /proc/self/mountinfo (proc_pid_mountinfo(5)). */
export function parseCgroupMounts(mountinfo: string): Omit<CgroupLayout, 'mode'> {
  const controllers = new Map<string, string>();
  let unified: string | undefined;
  for (const line of mountinfo.split('\n')) {
    const [left = '', right = ''] = line.split(' - ');
    const target = left.split(' ')[4] ?? '';
    const [type, , options = ''] = right.split(' ');
    if (type === 'cgroup2') unified = target;
    if (type !== 'cgroup') continue;
    for (const name of options.split(',')) controllers.set(name, target);
  }
  return { unified, controllers };
}

/**
 * What to put before an OCI runtime's argv. On a hybrid host the runtime gets a mount namespace without the v2
 * tree. The monitor itself stays in the agent's namespace: a copy of all mounts that lived as long as a container
 * would keep other containers' file systems busy.
 */
export function runtimePrefix(layout: CgroupLayout): readonly string[] {
  if (layout.mode !== 'hybrid' || layout.unified === undefined) return [];
  const script = 'umount "$0" && exec "$@"';
  return ['/usr/bin/env', 'unshare', '-m', '--propagation', 'slave', 'sh', '-c', script, layout.unified];
}

/** How many processes of the cgroup the kernel has killed for want of memory. 0 when the cgroup is gone. */
export function countOomKills(layout: CgroupLayout, cgroupsPath: string): number {
  const memory = layout.controllers.get('memory');
  const file =
    layout.mode === 'v2'
      ? join(layout.unified ?? '/sys/fs/cgroup', cgroupsPath, 'memory.events')
      : join(memory ?? '/sys/fs/cgroup/memory', cgroupsPath, 'memory.oom_control');
  try {
    return Number(/^oom_kill (\d+)$/m.exec(readFileSync(file, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function hasControllers(unified: string): boolean {
  try {
    return readFileSync(join(unified, 'cgroup.controllers'), 'utf8').trim() !== '';
  } catch {
    return false;
  }
}
