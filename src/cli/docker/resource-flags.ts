import { Flags } from '@oclif/core';

/** The limits that `run` and `container create` set and `update` changes. */
export const resourceFlags = {
  'blkio-weight': Flags.string({ description: 'weight of block I/O, 10 to 1000', helpValue: 'N' }),
  'cpu-period': Flags.string({ description: 'CFS period in microseconds', helpValue: 'N' }),
  'cpu-quota': Flags.string({ description: 'CFS quota in microseconds', helpValue: 'N' }),
  'cpu-rt-period': Flags.string({ description: 'real-time period in microseconds', helpValue: 'N' }),
  'cpu-rt-runtime': Flags.string({ description: 'real-time runtime in microseconds', helpValue: 'N' }),
  'cpu-shares': Flags.string({ char: 'c', description: 'weight among containers', helpValue: 'N' }),
  cpus: Flags.string({ description: 'number of CPUs', helpValue: '1.5' }),
  'cpuset-cpus': Flags.string({ description: 'CPUs to run on', helpValue: '0-3,5' }),
  'cpuset-mems': Flags.string({ description: 'memory nodes to use', helpValue: '0-1' }),
  memory: Flags.string({ char: 'm', description: 'memory limit', helpValue: '512m' }),
  'memory-reservation': Flags.string({ description: 'soft memory limit', helpValue: '256m' }),
  'memory-swap': Flags.string({ description: 'limit of memory and swap, -1 for none', helpValue: '1g' }),
  'kernel-memory': Flags.string({ description: 'kernel memory limit', helpValue: '64m' }),
  'pids-limit': Flags.string({ description: 'limit of processes, -1 for none', helpValue: 'N' }),
  restart: Flags.string({
    description: 'when to start again: no, on-failure[:N], always, unless-stopped',
    helpValue: 'POLICY',
  }),
};
