import { mkdirSync } from 'node:fs';
import { AgentLab } from './support/agent-lab.js';

let lab: AgentLab;
beforeAll(async () => {
  lab = await AgentLab.start();
});
afterAll(() => lab[Symbol.asyncDispose]());

const key = 'tsmachine.proc.view';
const limited = ['run', '--rm', '-m', '128m', '--cpus', '1', '--label', `${key}=own`];

test('a container sees its own memory and processors where LXCFS runs, and is refused where not', async () => {
  expect((await lab.docker([...limited, 'busybox', 'true'])).stderr).toContain(
    `${key}=own needs LXCFS, which does not run on this host: install the package lxcfs`,
  );
  expect((await lab.docker(['create', '--label', `${key}=mine`, 'busybox'])).stderr).toContain(
    `invalid ${key} "mine": write own or host`,
  );
  mkdirSync('/var/lib/lxcfs', { recursive: true });
  await using _lxcfs = await lab.serving(
    ['lxcfs', '-f', '-l', '--enable-cfs', '/var/lib/lxcfs'],
    ['test', '-e', '/var/lib/lxcfs/proc/meminfo'],
  );

  const script =
    'grep MemTotal /proc/meminfo; grep -c ^processor /proc/cpuinfo; cat /sys/devices/system/cpu/online';
  const { stdout } = await lab.docker([...limited, 'busybox', 'sh', '-c', script]);

  expect(stdout).toMatch(/^MemTotal: +131072 kB\n1\n0\n$/);
}, 60_000);
