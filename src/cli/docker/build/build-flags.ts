import { Flags, type Interfaces } from '@oclif/core';
import { resourceFlags } from '../resource-flags.js';

/** What only BuildKit can: refused by name, so that no build is another than the one that was asked for. */
export const buildKitFlags = [
  ...['secret', 'ssh', 'output', 'cache-to', 'build-context', 'no-cache-filter', 'builder', 'allow'],
  ...['annotation', 'attest', 'provenance', 'sbom', 'metadata-file', 'call', 'check'],
] as const;

const list = { multiple: true, multipleNonGreedy: true } as const;
const {
  memory,
  'memory-swap': memorySwap,
  'cpu-period': cpuPeriod,
  'cpu-quota': cpuQuota,
  'cpu-shares': cpuShares,
  'cpuset-cpus': cpusetCpus,
  'cpuset-mems': cpusetMems,
} = resourceFlags;

/** Those of docker's classic `build`, and of buildx's what means the same here. `-m` is the memory, as there. */
export const buildFlags = {
  machine: Flags.string({ description: 'machine to build on; else the active one', helpValue: 'NAME' }),
  file: Flags.string({
    char: 'f',
    description: 'the Dockerfile; else PATH/Dockerfile; - for STDIN',
    helpValue: 'FILE',
  }),
  tag: Flags.string({ char: 't', description: 'name of the image', helpValue: 'NAME[:TAG]', ...list }),
  'build-arg': Flags.string({
    description: 'set a build argument; without a value, from the environment',
    helpValue: 'NAME[=VALUE]',
    ...list,
  }),
  label: Flags.string({ description: 'label of the image', helpValue: 'KEY[=VALUE]', ...list }),
  target: Flags.string({ description: 'build this stage, and what it needs', helpValue: 'STAGE' }),
  platform: Flags.string({ description: 'platform of the image', helpValue: 'OS/ARCH' }),
  'no-cache': Flags.boolean({ description: 'run every step again' }),
  'cache-from': Flags.string({
    description: 'images whose steps may be reused',
    helpValue: 'IMAGE',
    ...list,
  }),
  pull: Flags.boolean({ description: 'look for newer base images' }),
  quiet: Flags.boolean({ char: 'q', description: 'print only the ID of the image' }),
  iidfile: Flags.string({ description: 'write the ID of the image into a file', helpValue: 'FILE' }),
  network: Flags.string({ description: 'network of RUN: default, none, host', helpValue: 'NETWORK' }),
  'add-host': Flags.string({ description: 'add a line to /etc/hosts of RUN', helpValue: 'HOST:IP', ...list }),
  'shm-size': Flags.string({ description: 'size of /dev/shm of RUN', helpValue: '128m' }),
  ulimit: Flags.string({ description: 'resource limit of RUN', helpValue: 'NAME=SOFT[:HARD]', ...list }),
  rm: Flags.boolean({
    description: 'remove the containers of the steps',
    default: true,
    allowNo: true,
  }),
  'force-rm': Flags.boolean({ description: 'remove the containers of steps that failed, too' }),
  compress: Flags.boolean({ description: 'compress the context on its way', default: true, allowNo: true }),
  memory,
  'memory-swap': memorySwap,
  'cpu-period': cpuPeriod,
  'cpu-quota': cpuQuota,
  'cpu-shares': cpuShares,
  'cpuset-cpus': cpusetCpus,
  'cpuset-mems': cpusetMems,
  'cgroup-parent': Flags.string({ description: 'parent cgroup of RUN', helpValue: 'CGROUP' }),
  isolation: Flags.string({ description: "isolation of RUN; the engine's default only", helpValue: 'KIND' }),
  'security-opt': Flags.string({ description: 'security option of RUN', helpValue: 'OPTION', ...list }),
  squash: Flags.boolean({ description: 'one layer for all of the steps' }),
  ...ignoredFlags(),
  ...refusedFlags(),
};

export type BuildFlags = Partial<Interfaces.InferredFlags<typeof buildFlags>>;

/** What scripts that were written for buildx say of what is so here in any case. */
function ignoredFlags() {
  const ignored = (description: string) => Flags.string({ hidden: true, description });
  return {
    load: Flags.boolean({ hidden: true, description: 'the image always is on the machine' }),
    progress: ignored('plain, always'),
    'disable-content-trust': Flags.boolean({ hidden: true, default: true, allowNo: true }),
  };
}

function refusedFlags() {
  const refused = () =>
    Flags.string({
      ...{ hidden: true, description: 'refused: only BuildKit can' },
      ...{ multiple: true, multipleNonGreedy: true },
    });
  // fromEntries forgets the names.
  return Object.fromEntries(buildKitFlags.map((name) => [name, refused()])) as Record<
    (typeof buildKitFlags)[number],
    ReturnType<typeof refused>
  >;
}
