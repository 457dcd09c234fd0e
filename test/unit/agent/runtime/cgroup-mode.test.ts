import { parseCgroupMounts, runtimePrefix } from '../../../../src/agent/runtime/cgroup-mode.js';

const v1 = `31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755
32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct
35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory
41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw
`;

test('parseCgroupMounts() finds v1 controllers and the v2 tree', () => {
  const { unified, controllers } = parseCgroupMounts(v1);
  expect(unified).toBe('/sys/fs/cgroup/unified');
  expect(controllers.get('memory')).toBe('/sys/fs/cgroup/memory');
  expect(controllers.get('cpuacct')).toBe('/sys/fs/cgroup/cpu,cpuacct');
  expect(parseCgroupMounts('30 23 0:26 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate')).toEqual({
    unified: '/sys/fs/cgroup',
    controllers: new Map(),
  });
});

test('runtimePrefix() hides the v2 tree on hybrid hosts only', () => {
  const layout = parseCgroupMounts(v1);
  expect(runtimePrefix({ ...layout, mode: 'hybrid' })).toContain('/sys/fs/cgroup/unified');
  expect(runtimePrefix({ ...layout, mode: 'v1' })).toEqual([]);
  expect(runtimePrefix({ ...layout, mode: 'v2' })).toEqual([]);
});
