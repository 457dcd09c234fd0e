import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseNetDev } from '../../../../src/agent/kernel/network-counters.js';
import { readProcesses, readUsage } from '../../../../src/agent/runtime/cgroup/usage.js';
import { temporaryDirectory } from '../../../support/temporary-directory.js';

async function files(root: string, contents: Readonly<Record<string, string>>): Promise<void> {
  for (const [name, content] of Object.entries(contents)) {
    await mkdir(join(root, name, '..'), { recursive: true });
    await writeFile(join(root, name), content);
  }
}

test('readUsage() reads a group of version 2', async () => {
  await using directory = await temporaryDirectory();
  await files(join(directory.path, 'c'), {
    'cpu.stat':
      'usage_usec 30\nuser_usec 20\nsystem_usec 10\nnr_periods 4\nnr_throttled 3\nthrottled_usec 2\n',
    'memory.current': '4096\n',
    'memory.max': 'max\n',
    'memory.stat': 'anon 10\ninactive_file 5\n',
    'pids.current': '2\n',
    'pids.max': '7\n',
    'io.stat': '8:0 rbytes=4096 wbytes=512 rios=1 wios=2 dbytes=0 dios=0\n',
  });
  const layout = { mode: 'v2' as const, unified: directory.path, controllers: new Map() };

  expect(await readUsage(layout, '/c')).toEqual({
    cpu: {
      ...{ total: 30_000, user: 20_000, kernel: 10_000, perCpu: undefined },
      ...{ periods: 4, throttledPeriods: 3, throttledTime: 2000 },
    },
    memory: {
      ...{ usage: 4096, maxUsage: undefined, failures: undefined, limit: Number.POSITIVE_INFINITY },
      stats: { anon: 10, inactive_file: 5 },
    },
    pids: { current: 2, limit: 7 },
    io: {
      bytes: [
        { major: 8, minor: 0, op: 'read', value: 4096 },
        { major: 8, minor: 0, op: 'write', value: 512 },
      ],
      operations: [
        { major: 8, minor: 0, op: 'read', value: 1 },
        { major: 8, minor: 0, op: 'write', value: 2 },
      ],
    },
  });
});

test('readUsage() reads a group of version 1, each controller where it is mounted', async () => {
  await using directory = await temporaryDirectory();
  const names = ['cpu', 'cpuacct', 'memory', 'pids', 'blkio'];
  await files(directory.path, {
    'cpuacct/c/cpuacct.usage': '5000\n',
    'cpuacct/c/cpuacct.usage_percpu': '2000 3000 \n',
    'cpuacct/c/cpuacct.stat': 'user 2\nsystem 1\n',
    'memory/c/memory.limit_in_bytes': '67108864\n',
    'memory/c/memory.usage_in_bytes': '100\n',
    'pids/c/pids.max': 'max\n',
    'blkio/c/blkio.throttle.io_service_bytes_recursive': '8:0 Read 1\n8:0 Total 1\nTotal 1\n',
  });
  const controllers = new Map(names.map((name) => [name, join(directory.path, name)]));

  const usage = await readUsage({ mode: 'v1', unified: undefined, controllers }, '/c');

  expect(usage.cpu).toMatchObject({
    total: 5000,
    user: 20_000_000,
    kernel: 10_000_000,
    perCpu: [2000, 3000],
  });
  expect(usage.memory).toMatchObject({ usage: 100, limit: 67_108_864 });
  expect(usage.pids.limit).toBeUndefined();
  expect(usage.io.bytes.map(({ op }) => op)).toEqual(['Read', 'Total']);
});

test('readProcesses() finds those of groups below, and none in a group that is gone', async () => {
  await using directory = await temporaryDirectory();
  await files(directory.path, { 'c/cgroup.procs': '1\n2\n', 'c/inner/cgroup.procs': '3\n' });
  const layout = { mode: 'v2' as const, unified: directory.path, controllers: new Map() };

  expect(await readProcesses(layout, '/c')).toEqual([1, 2, 3]);
  expect(await readProcesses(layout, '/gone')).toEqual([]);
});

test('parseNetDev() reads received and sent', () => {
  const text = `Inter-|   Receive                     |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
  eth0:     646       7    1    2    0     0          0         0      100       5    3    4    0     0       0          0
`;

  expect(parseNetDev(text)).toEqual([
    {
      ...{ name: 'eth0', receivedBytes: 646, receivedPackets: 7, receiveErrors: 1, receiveDrops: 2 },
      ...{ sentBytes: 100, sentPackets: 5, sendErrors: 3, sendDrops: 4 },
    },
  ]);
});
