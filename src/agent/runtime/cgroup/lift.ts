import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CgroupLayout } from '../cgroup-mode.js';
import type { OciResources } from '../spec/oci.js';
import { groupDirectory } from './usage.js';

/** Limits of a running container that are to end. */
export interface LiftedLimits {
  readonly pids: boolean;
  readonly cpuQuota: boolean;
}

/** Takes those out that are −1: crun writes the number as it stands, which the kernel does not take for "no limit". */
export function splitLifted({ pids, cpu, ...others }: OciResources): {
  readonly limits: OciResources;
  readonly lifted: LiftedLimits;
} {
  const lifted = { pids: (pids?.limit ?? 0) < 0, cpuQuota: (cpu?.quota ?? 0) < 0 };
  const { quota: _, ...unlimitedCpu } = cpu ?? {};
  const limits = {
    ...others,
    ...(pids && !lifted.pids && { pids }),
    ...(cpu && { cpu: lifted.cpuQuota ? unlimitedCpu : cpu }),
  };
  return { limits, lifted };
}

export async function liftLimits(layout: CgroupLayout, path: string, lifted: LiftedLimits): Promise<void> {
  if (lifted.pids) await writeFile(join(groupDirectory(layout, 'pids', path), 'pids.max'), 'max');
  if (lifted.cpuQuota) await liftCpuQuota(layout, groupDirectory(layout, 'cpu', path));
}

async function liftCpuQuota({ mode }: CgroupLayout, directory: string): Promise<void> {
  if (mode !== 'v2') return writeFile(join(directory, 'cpu.cfs_quota_us'), '-1');
  const file = join(directory, 'cpu.max');
  const [, period = ''] = (await readFile(file, 'utf8')).trim().split(' ');
  await writeFile(file, `max ${period}`.trim());
}
