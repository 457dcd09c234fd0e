import type { AgentLab } from '../agent-lab.js';

/** What is done to a container while something is killed. It may fail: only what is left is judged. */
export interface Operation {
  readonly name: string;
  prepare(lab: AgentLab, container: string): Promise<unknown>;
  run(lab: AgentLab, container: string): Promise<unknown>;
}

/** The names that a container may have after an operation. */
export function namesAfter(name: string): readonly string[] {
  return [name, renamed(name)];
}

/** The network that some of the containers are on. */
export const networkName = 'mesh';

const sleeper = ['-p', '80', '-v', '/data', 'busybox', 'sleep', '1000'];
const started = (lab: AgentLab, name: string) => lab.docker(['run', '-d', '--name', name, ...sleeper]);
const onNetwork = ['--network', networkName, '--network-alias', 'peer', '-p', '53/udp', '--init'];
const renamed = (name: string) => `${name}-renamed`;
/** Says something for a moment, and ends. */
const talk = 'i=0; while [ $i -lt 20 ]; do echo $i; i=$((i+1)); sleep 0.01; done';
const nothing = async (): Promise<void> => {};

export const operations: readonly Operation[] = [
  {
    name: 'create',
    prepare: nothing,
    run: (lab, name) => lab.docker(['create', '--name', name, ...sleeper]),
  },
  { name: 'run', prepare: nothing, run: started },
  {
    name: 'run --rm',
    prepare: nothing,
    run: (lab, name) =>
      lab.docker(['run', '--rm', '--name', name, '-v', '/data', 'busybox', 'sh', '-c', 'sleep 0.1; exit 3']),
  },
  {
    name: 'run on a network of the user',
    prepare: nothing,
    run: (lab, name) =>
      lab.docker(['run', '-d', '--name', name, ...onNetwork, '--restart', 'on-failure:2', ...sleeper]),
  },
  {
    name: 'start',
    prepare: (lab, name) => lab.docker(['create', '--name', name, ...sleeper]),
    run: (lab, name) => lab.docker(['start', name]),
  },
  { name: 'exec', prepare: started, run: (lab, name) => lab.docker(['exec', name, 'sleep', '0.1']) },
  {
    name: 'cp',
    prepare: started,
    run: (lab, name) => lab.docker(['cp', '-', `${name}:/data`], { input: Buffer.alloc(10_240) }),
  },
  {
    name: 'pause',
    prepare: started,
    run: async (lab, name) => {
      await lab.docker(['pause', name]);
      await lab.docker(['unpause', name]);
    },
  },
  {
    name: 'exec -d',
    prepare: started,
    run: (lab, name) => lab.docker(['exec', '-d', name, 'sleep', '0.1']),
  },
  { name: 'cp out', prepare: started, run: (lab, name) => lab.docker(['cp', `${name}:/bin/busybox`, '-']) },
  {
    name: 'logs -f',
    prepare: (lab, name) => lab.docker(['run', '-d', '--name', name, 'busybox', 'sh', '-c', talk]),
    run: (lab, name) => lab.docker(['logs', '-f', name]),
  },
  {
    name: 'commit',
    prepare: async (lab, name) => {
      await started(lab, name);
      await lab.docker(['exec', name, 'touch', `/${name}`]);
    },
    run: async (lab, name) => {
      await lab.docker(['commit', name, 'committed']);
      await lab.docker(['rmi', 'committed']);
    },
  },
  {
    name: 'update',
    prepare: started,
    run: (lab, name) => lab.docker(['update', '--cpu-shares', '512', '--pids-limit', '50', name]),
  },
  {
    name: 'rename',
    prepare: started,
    run: (lab, name) => lab.docker(['rename', name, renamed(name)]),
  },
  {
    name: 'network connect and disconnect',
    prepare: started,
    run: async (lab, name) => {
      await lab.docker(['network', 'connect', networkName, name]);
      await lab.docker(['network', 'disconnect', networkName, name]);
    },
  },
  { name: 'stop', prepare: started, run: (lab, name) => lab.docker(['stop', '-t', '0', name]) },
  { name: 'kill', prepare: started, run: (lab, name) => lab.docker(['kill', name]) },
  { name: 'restart', prepare: started, run: (lab, name) => lab.docker(['restart', '-t', '0', name]) },
  { name: 'rm -f', prepare: started, run: (lab, name) => lab.docker(['rm', '-f', '-v', name]) },
];
