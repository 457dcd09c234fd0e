import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { AgentLab } from './agent-lab.js';
import { processesNaming } from './processes.js';

/** What the kernel and the disk hold for containers, by their IDs, sorted. */
export interface Traces {
  /** Those that run: each has one of all these. */
  readonly monitors: readonly string[];
  readonly cgroups: readonly string[];
  readonly bundles: readonly string[];
  readonly runtimeStates: readonly string[];
  readonly monitorFiles: readonly string[];
  readonly mounts: readonly string[];
  /** Those that run on the bridge. */
  readonly endpoints: readonly string[];
  /** Interfaces on the bridge. */
  readonly links: number;
  /** All containers. */
  readonly records: readonly string[];
  readonly layers: readonly string[];
  /** Runtimes that still work, and layers that are half-made or half-removed. */
  readonly unfinished: readonly string[];
}

/** `known` are the IDs of all containers that the lab may have had: other labs' groups are in the same hierarchies. */
export async function readTraces(lab: AgentLab, known: ReadonlySet<string>): Promise<Traces> {
  const run = join(lab.directory, 'run');
  const { data } = lab;
  const processes = await processesNaming(lab.directory);
  const monitors = processes.filter(({ argv }) => argv[0]?.endsWith('conmon'));
  const runtimes = processes.filter(({ argv }) => argv[0]?.endsWith('crun'));
  return {
    monitors: monitors.map(({ argv }) => argv[argv.indexOf('-c') + 1] ?? '').sort(),
    cgroups: (await cgroups()).filter((id) => known.has(id)),
    bundles: await names(join(run, 'containers')),
    runtimeStates: await names(join(run, 'runtime', 'crun')),
    monitorFiles: await monitorFiles(join(run, 'runtime')),
    mounts: await mountedLayers(lab),
    endpoints: (await names(join(data, 'network', 'endpoints'))).map((name) => name.replace('.json', '')),
    links: (await lab.inside('ip', '-o', 'link')).match(/^\d+: tsm[0-9a-f]{12}@/gm)?.length ?? 0,
    records: await names(join(data, 'containers')),
    layers: await writableLayers(join(data, 'layers', 'overlay2')),
    unfinished: [
      ...runtimes.map(({ argv }) => argv.join(' ')),
      ...(await names(join(data, 'layers', 'staging'))),
    ],
  };
}

async function cgroups(): Promise<readonly string[]> {
  const found = new Set<string>();
  for (const hierarchy of ['.', ...(await names('/sys/fs/cgroup'))]) {
    for (const name of await names(join('/sys/fs/cgroup', hierarchy, 'tsmachine'))) found.add(name);
  }
  return [...found].sort();
}

async function monitorFiles(root: string): Promise<readonly string[]> {
  const lists = await Promise.all(['containers', 'sockets'].map((name) => names(join(root, name))));
  return [...new Set(lists.flat())].sort();
}

async function mountedLayers(lab: AgentLab): Promise<readonly string[]> {
  const paths = await lab.mounts();
  return paths.flatMap((path) => /overlay2\/([0-9a-f]{64})\/merged$/.exec(path)?.[1] ?? []).sort();
}

async function writableLayers(root: string): Promise<readonly string[]> {
  const all = await names(root);
  const inside = await Promise.all(all.map((name) => names(join(root, name))));
  return all.filter((_, index) => inside[index]?.includes('merged'));
}

async function names(directory: string): Promise<string[]> {
  return (await readdir(directory).catch(() => [])).sort();
}
