import { mkdir, readdir, readFile, rm, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { waitUntil } from '../../../../../src/shared/wait-until.js';
import type { AgentLab } from './agent-lab.js';
import { processesNaming } from './processes.js';

/** As the machine would be found after its power was cut: no process, mount, link, rule or group, no file in /run. */
export async function cutPower(lab: AgentLab): Promise<void> {
  await lab.endAgent('SIGKILL');
  const groups = await groupsOf(await readdir(join(lab.data, 'containers')).catch(() => []));
  const isDead = async () => ((await killAll(lab, groups)) === 0 ? true : undefined);
  await waitUntil(isDead, { what: 'the end of all processes', timeoutMs: 30_000, intervalMs: 20 });
  for (const group of groups) await removeGroup(group);
  for (const path of (await lab.mounts()).toReversed()) {
    if (path.startsWith(`${lab.directory}/`) && path !== join(lab.directory, 'data')) lab.unmount(path);
  }
  for (const link of (await lab.inside('ip', '-o', 'link')).matchAll(/^\d+: (tsm\w+)/gm)) {
    await lab.inside('ip', 'link', 'delete', link[1] ?? '').catch(() => {}); // one end took the other with it
  }
  await lab.inside('nft', 'flush', 'ruleset');
  await rm(join(lab.directory, 'run'), { recursive: true, force: true });
  await mkdir(join(lab.directory, 'run'));
}

/** Answers how many there were. What is frozen takes its signal only when it is not any more. */
async function killAll(lab: AgentLab, groups: readonly string[]): Promise<number> {
  for (const group of groups) await writeFile(join(group, 'freezer.state'), 'THAWED').catch(() => {});
  const members = await Promise.all(
    groups.map((group) => readFile(join(group, 'cgroup.procs'), 'utf8').catch(() => '')),
  );
  const inGroups = members.flatMap((text) => text.split('\n').filter(Boolean).map(Number));
  const pids = new Set([...inGroups, ...(await processesNaming(lab.directory)).map(({ pid }) => pid)]);
  for (const pid of pids) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // it was faster
    }
  }
  return pids.size;
}

/** Those of the containers, in all hierarchies. */
async function groupsOf(ids: readonly string[]): Promise<readonly string[]> {
  const hierarchies = ['.', ...(await readdir('/sys/fs/cgroup'))];
  const all = hierarchies.flatMap((name) => ids.map((id) => join('/sys/fs/cgroup', name, 'tsmachine', id)));
  const present = await Promise.all(all.map((path) => readdir(path).then(Boolean, () => false)));
  return all.filter((_, index) => present[index]);
}

async function removeGroup(path: string): Promise<void> {
  for (const entry of await readdir(path, { withFileTypes: true }).catch(() => [])) {
    if (entry.isDirectory()) await removeGroup(join(path, entry.name));
  }
  const isGone = async () =>
    rmdir(path).then(
      () => true,
      (error) => (error.code === 'EBUSY' ? undefined : true),
    );
  await waitUntil(isGone, { what: `the end of ${path}`, timeoutMs: 30_000, intervalMs: 10 });
}
