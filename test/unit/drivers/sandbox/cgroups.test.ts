import { mountedInside, parseHierarchies } from '../../../../src/drivers/sandbox/cgroups.js';

test('parseHierarchies() matches mounts with their controllers on a hybrid machine', () => {
  const mounts = `tmpfs /sys/fs/cgroup tmpfs ro,mode=755 0 0
cgroup /sys/fs/cgroup/cpu,cpuacct cgroup rw,nosuid,cpu,cpuacct 0 0
cgroup /sys/fs/cgroup/memory cgroup rw,relatime,memory 0 0
cgroup /elsewhere/memory cgroup rw,relatime,memory 0 0
cgroup /sys/fs/cgroup/systemd cgroup rw,xattr,name=systemd 0 0
cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0
`;
  const cgroups = '4:cpu,cpuacct:/\n3:memory:/user\n2:pids:/\n1:name=systemd:/\n0::/\n';

  const hierarchies = parseHierarchies(mounts, cgroups);

  expect(hierarchies).toEqual([
    { mountPoint: '/sys/fs/cgroup/cpu,cpuacct', version: 1, controllers: 'cpu,cpuacct' },
    { mountPoint: '/sys/fs/cgroup/memory', version: 1, controllers: 'memory' },
    { mountPoint: '/sys/fs/cgroup/systemd', version: 1, controllers: 'name=systemd' },
    { mountPoint: '/sys/fs/cgroup/unified', version: 2, controllers: '' },
  ]);
  expect(mountedInside(hierarchies)).toEqual(['cpu,cpuacct', 'memory', 'name=systemd']);
});

test('parseHierarchies() gives the one tree of a machine with cgroup v2', () => {
  const hierarchies = parseHierarchies(
    'cgroup2 /sys/fs/cgroup cgroup2 rw,nsdelegate 0 0\n',
    '0::/user.slice\n',
  );

  expect(hierarchies).toEqual([{ mountPoint: '/sys/fs/cgroup', version: 2, controllers: '' }]);
  expect(mountedInside(hierarchies)).toEqual([]);
});
