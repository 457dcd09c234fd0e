import { Flags, type Interfaces } from '@oclif/core';
import { resourceFlags } from '../resource-flags.js';
import { progressKinds } from './progress/display.js';

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

/** What only BuildKit can. */
const sessionFlags = {
  secret: Flags.string({
    description: 'secret for RUN --mount=type=secret; it is not in the image',
    helpValue: 'id=NAME,src=FILE|env=VARIABLE',
    ...list,
  }),
  ssh: Flags.string({
    description: 'ssh-agent or keys for RUN --mount=type=ssh',
    helpValue: 'default|ID=SOCKET|KEY',
    ...list,
  }),
  output: Flags.string({
    char: 'o',
    description: 'where the result goes: type=local|tar|oci|docker|image,dest=…; DIR, or - for a tar',
    helpValue: 'DEST',
    ...list,
  }),
  push: Flags.boolean({ description: 'push the image afterwards' }),
  load: Flags.boolean({ description: 'keep the image on the machine, also beside other outputs' }),
  'build-context': Flags.string({
    description: 'another context: a directory, docker-image://IMAGE or a URL',
    helpValue: 'NAME=PLACE',
    ...list,
  }),
  'cache-to': Flags.string({
    description: 'where the cache is kept besides',
    helpValue: 'type=inline|registry|local,…',
    ...list,
  }),
  'no-cache-filter': Flags.string({ description: 'stages that run again', helpValue: 'STAGE', ...list }),
  'metadata-file': Flags.string({
    description: 'write what the engine says of the result into a file',
    helpValue: 'FILE',
  }),
  call: Flags.string({
    description: 'ask the Dockerfile instead of building it: check, outline, targets',
    helpValue: 'check|outline|targets[,format=json]',
  }),
  check: Flags.boolean({ description: 'short for --call=check' }),
  allow: Flags.string({
    description: 'privilege for the build: network.host, security.insecure',
    helpValue: 'PRIVILEGE',
    ...list,
  }),
  annotation: Flags.string({ description: 'annotation of the image', helpValue: 'KEY=VALUE', ...list }),
  attest: Flags.string({
    description: 'attestation of the image',
    helpValue: 'type=sbom|provenance,…',
    ...list,
  }),
  provenance: Flags.string({
    description: 'short for --attest type=provenance',
    helpValue: 'true|false|mode=…',
  }),
  sbom: Flags.string({ description: 'short for --attest type=sbom', helpValue: 'true|false|generator=…' }),
} as const;

/** Of those, what a build is not the same without. */
export const sessionOnly = [
  ...['secret', 'ssh', 'output', 'push', 'build-context', 'cache-to', 'no-cache-filter', 'metadata-file'],
  ...['allow', 'annotation', 'attest', 'provenance', 'sbom', 'call', 'check'],
] as const;

/** What only the classic builder can: limits of its containers. */
export const classicOnly = [
  ...['memory', 'memory-swap', 'cpu-period', 'cpu-quota', 'cpu-shares', 'cpuset-cpus', 'cpuset-mems'],
  ...['isolation', 'security-opt', 'squash'],
] as const;

/** Those of docker's builders, of old and of BuildKit. `-m` is the memory, as there. */
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
  platform: Flags.string({ description: 'platform of the image', helpValue: 'OS/ARCH', ...list }),
  progress: Flags.option({ options: progressKinds })({
    description: 'how progress is shown [env: BUILDKIT_PROGRESS]',
  }),
  'no-cache': Flags.boolean({ description: 'run every step again' }),
  'cache-from': Flags.string({
    description: 'images whose steps may be reused',
    helpValue: 'IMAGE|type=registry,ref=IMAGE|type=local,src=DIR',
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
  ...sessionFlags,
  'disable-content-trust': Flags.boolean({ hidden: true, default: true, allowNo: true }),
  builder: Flags.string({
    hidden: true,
    description: 'refused but for "default": machines build themselves',
  }),
};

export type BuildFlags = Partial<Interfaces.InferredFlags<typeof buildFlags>>;
