import { mkdir, readdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemErrorCode } from '../../shared/errors.js';
import { waitUntil } from '../../shared/wait-until.js';
import { sandboxMemoryInUse } from './errors.js';

/** One mounted cgroup hierarchy. */
export interface Hierarchy {
  readonly mountPoint: string;
  readonly version: 1 | 2;
  /** Of version 1: "memory", "cpu,cpuacct", "name=systemd". */
  readonly controllers: string;
}

export interface Limits {
  readonly memoryBytes?: number;
  readonly cpus?: number;
}

/** From the text of /proc/self/mounts and /proc/self/cgroup. A hierarchy that is mounted twice counts once. */
export function parseHierarchies(mounts: string, cgroups: string): readonly Hierarchy[] {
  const mounted = mounts.split('\n').map((line) => line.split(' '));
  const versionOne = cgroups
    .split('\n')
    .map((line) => line.split(':')[1] ?? '')
    .filter((controllers) => controllers !== '')
    .flatMap((controllers): Hierarchy[] => {
      const names = controllers.split(',');
      const mount = mounted.find(
        ([, , type, options]) =>
          type === 'cgroup' && names.every((name) => options?.split(',').includes(name)),
      );
      return mount?.[1] === undefined ? [] : [{ mountPoint: mount[1], version: 1, controllers }];
    });
  const versionTwo = mounted.find(([, , type]) => type === 'cgroup2')?.[1];
  if (versionTwo === undefined) return versionOne;
  return [...versionOne, { mountPoint: versionTwo, version: 2, controllers: '' }];
}

export async function mountedHierarchies(): Promise<readonly Hierarchy[]> {
  const [mounts, cgroups] = await Promise.all([
    readFile('/proc/self/mounts', 'utf8'),
    readFile('/proc/self/cgroup', 'utf8'),
  ]);
  return parseHierarchies(mounts, cgroups);
}

/** The v1 hierarchies that a sandbox mounts; none means that it mounts version 2. */
export function mountedInside(hierarchies: readonly Hierarchy[]): readonly string[] {
  return hierarchies.filter(({ version }) => version === 1).map(({ controllers }) => controllers);
}

/** Makes `parent/id` in every hierarchy, with the limits, and returns the directories. */
export async function makeCgroups(
  hierarchies: readonly Hierarchy[],
  parent: string,
  id: string,
  limits: Limits,
): Promise<readonly string[]> {
  const directories: string[] = [];
  for (const { mountPoint, version } of hierarchies) {
    const path = join(mountPoint, parent, id);
    await mkdir(path, { recursive: true });
    if (version === 2) await delegateControllers([mountPoint, join(mountPoint, parent)]);
    else await fillCpuset([mountPoint, join(mountPoint, parent), path]);
    await setLimits(path, version, limits);
    directories.push(path);
  }
  return directories;
}

/** Removes `parent/id` and what is below it, once its last process has gone. */
export async function removeCgroups(
  hierarchies: readonly Hierarchy[],
  parent: string,
  id: string,
): Promise<void> {
  for (const { mountPoint } of hierarchies) {
    const path = join(mountPoint, parent, id);
    // A process that was killed stays in its cgroup until it is reaped.
    await waitUntil(async () => ((await removeTree(path)) ? true : undefined), {
      what: `cgroup "${path}" to be empty`,
      timeoutMs: 10_000,
      intervalMs: 20,
    });
  }
}

export async function removeParentCgroups(hierarchies: readonly Hierarchy[], parent: string): Promise<void> {
  for (const { mountPoint } of hierarchies) await rmdir(join(mountPoint, parent)).catch(() => {});
}

/** Every process of the sandbox, as this machine counts them. */
export async function processesIn(
  hierarchies: readonly Hierarchy[],
  parent: string,
  id: string,
): Promise<readonly number[]> {
  const found = new Set<number>();
  for (const { mountPoint } of hierarchies) await collect(join(mountPoint, parent, id), found);
  return [...found];
}

async function collect(path: string, found: Set<number>): Promise<void> {
  const text = await readFile(join(path, 'cgroup.procs'), 'utf8').catch(() => '');
  for (const line of text.split('\n')) if (line !== '') found.add(Number(line));
  for (const child of await subdirectories(path)) await collect(child, found);
}

/** cgroup-v1/cpusets.rst: a new cpuset has neither processors nor memory nodes, and takes no process. */
async function fillCpuset([root, ...below]: readonly string[]): Promise<void> {
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    const all = await readFile(join(root ?? '', file), 'utf8').catch(() => undefined);
    if (all === undefined) continue;
    for (const path of below) {
      const own = await readFile(join(path, file), 'utf8');
      if (own.trim() === '') await writeFile(join(path, file), all);
    }
  }
}

/** cgroup-v2.rst, "Enabling and Disabling": a controller that cannot be enabled is left out. */
async function delegateControllers(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    const available = await readFile(join(path, 'cgroup.controllers'), 'utf8');
    for (const controller of available.split(/\s+/).filter(Boolean)) {
      await writeFile(join(path, 'cgroup.subtree_control'), `+${controller}`).catch(() => {});
    }
  }
}

/** Gives new limits to cgroups that are there already. Throws SANDBOX_MEMORY_IN_USE. */
export async function changeLimits(
  hierarchies: readonly Hierarchy[],
  parent: string,
  id: string,
  limits: Limits,
): Promise<void> {
  for (const { mountPoint, version } of hierarchies) {
    await setLimits(join(mountPoint, parent, id), version, limits).catch((error) => {
      // cgroup-v1/memory.rst: a limit below what is in use, and cannot be reclaimed, is refused.
      throw systemErrorCode(error) === 'EBUSY' ? sandboxMemoryInUse(id, error) : error;
    });
  }
}

async function setLimits(path: string, version: 1 | 2, { memoryBytes, cpus }: Limits): Promise<void> {
  const period = 100_000;
  const quota = cpus === undefined ? undefined : Math.max(1000, Math.round(cpus * period));
  if (version === 2) {
    await setLimit(join(path, 'memory.max'), memoryBytes);
    await setLimit(join(path, 'cpu.max'), quota === undefined ? undefined : `${quota} ${period}`);
    return;
  }
  await setLimit(join(path, 'memory.limit_in_bytes'), memoryBytes);
  await setLimit(join(path, 'cpu.cfs_period_us'), quota === undefined ? undefined : period);
  await setLimit(join(path, 'cpu.cfs_quota_us'), quota);
}

/** Each limit is a file of one hierarchy; the others do not have it. */
async function setLimit(file: string, value: number | string | undefined): Promise<void> {
  if (value === undefined) return;
  await writeFile(file, String(value), { flag: 'r+' }).catch((error) => {
    if (systemErrorCode(error) !== 'ENOENT') throw error;
  });
}

async function removeTree(path: string): Promise<boolean> {
  for (const child of await subdirectories(path)) if (!(await removeTree(child))) return false;
  try {
    await rmdir(path);
    return true;
  } catch (error) {
    const code = systemErrorCode(error);
    if (code === 'ENOENT') return true;
    if (code === 'EBUSY') return false;
    throw error;
  }
}

async function subdirectories(path: string): Promise<readonly string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => join(path, entry.name));
}
