import { capabilityNames } from '../../../../src/agent/kernel/capabilities.js';
import { buildSpec } from '../../../../src/agent/runtime/spec/build-spec.js';
import { defaultCapabilities } from '../../../../src/agent/runtime/spec/capabilities.js';
import type { HostFacts, RunSpec } from '../../../../src/agent/runtime/spec/run-spec.js';
import { serialiseOci } from '../../../../src/agent/runtime/spec/serialise.js';

const host: HostFacts = {
  architecture: 'x64',
  cgroupMode: 'v2',
  capabilities: new Set(capabilityNames),
  hardLimits: new Map([['nofile', 20_000]]),
  swapLimit: true,
  swappiness: true,
  oomKillDisable: true,
  blockIoWeight: true,
  blockIoThrottle: true,
  cpuRealtime: true,
  cpuset: { cpus: '0-3', mems: '0' },
  appArmor: false,
  kernelRelease: '6.1.0',
  devices: [{ type: 'c', path: '/dev/kvm', major: 10, minor: 232 }],
};
const poorHost: HostFacts = {
  ...host,
  capabilities: new Set(capabilityNames.filter((name) => name !== 'CAP_SYS_RESOURCE')),
  swapLimit: false,
};
const minimal: RunSpec = {
  rootfs: '/rootfs',
  readonlyRoot: false,
  args: ['sh'],
  env: ['PATH=/bin'],
  cwd: '/',
  user: { uid: 0, gid: 0, additionalGids: [0] },
  terminal: false,
  hostname: 'abc',
  cgroupsPath: '/tsmachine/abc',
  network: 'private',
  pid: 'private',
  ipc: 'private',
  uts: 'private',
  cgroupns: 'private',
  mounts: [],
  privileged: false,
  capAdd: [],
  capDrop: [],
  seccomp: 'default',
  noNewPrivileges: false,
  resources: {},
  ulimits: [],
  sysctls: {},
  devices: [],
  deviceRules: [],
};
const build = (change: Partial<RunSpec> = {}, on = host) => buildSpec({ ...minimal, ...change }, on);

describe('buildSpec()', () => {
  test('makes Docker’s defaults of a minimal run', () => {
    const { spec, warnings } = build({ seccomp: 'unconfined' });
    expect(warnings).toEqual([]);
    expect(spec).toMatchSnapshot();
  });

  test('sets network sysctls in namespaces made for the container only', () => {
    const path = '/run/netns/x';
    expect(build({ network: { path, own: true } }).spec.linux.sysctl).toHaveProperty([
      'net.ipv4.ping_group_range',
    ]);
    expect(build({ network: { path, own: false } }).spec.linux.sysctl).toEqual({});
    expect(build({ network: 'host', sysctls: { a: 'b' } }).spec.linux.sysctl).toEqual({ a: 'b' });
    expect(build({ network: { path, own: true } }).spec.linux.namespaces).toContainEqual({
      type: 'network',
      path,
    });
  });

  test('runs in a user namespace of its own or another’s, under its map and its limits', () => {
    const idMap = {
      uids: [{ container: 0, host: 165_536, size: 65_536 }],
      gids: [{ container: 0, host: 265_536, size: 1000 }],
    };
    const own = build({
      userNamespace: { idMap },
      oomScoreAdj: -5,
      ulimits: [{ name: 'nofile', soft: 1, hard: 10_000_000 }],
    });
    const { linux, process } = own.spec;
    expect(linux.namespaces).toContainEqual({ type: 'user' });
    expect(linux.uidMappings).toEqual([{ containerID: 0, hostID: 165_536, size: 65_536 }]);
    expect(linux.gidMappings).toEqual([{ containerID: 0, hostID: 265_536, size: 1000 }]);
    expect(linux.sysctl).toMatchObject({ 'net.ipv4.ping_group_range': '0 999' });
    expect(process.oomScoreAdj).toBeUndefined();
    expect(process.rlimits?.[0]?.hard).toBe(host.hardLimits.get('nofile'));
    expect(own.warnings).toHaveLength(2);

    const joined = build({ userNamespace: { idMap, path: '/proc/9/ns/user' } }).spec.linux;
    expect(joined.namespaces).toContainEqual({ type: 'user', path: '/proc/9/ns/user' });
    expect(joined.uidMappings).toEqual(linux.uidMappings);
  });

  test('leaves the host’s namespaces out', () => {
    const { spec } = build({ network: 'host', pid: 'host', ipc: 'host', uts: 'host', cgroupns: 'host' });
    expect(spec.linux.namespaces).toEqual([{ type: 'mount' }]);
    expect(spec.hostname).toBeUndefined();
    expect(spec.mounts.find(({ destination }) => destination === '/dev/shm')).toMatchObject({ type: 'bind' });
  });

  test('a mount on a default destination replaces the default, deep ones come after shallow ones', () => {
    const mounts = [
      { type: 'bind', source: '/b', destination: '/data/deep', readonly: true },
      { type: 'bind', source: '/a', destination: '/data', readonly: false, propagation: 'rslave' },
      { type: 'tmpfs', destination: '/dev/shm', options: ['size=1g', 'exec'] },
    ] as const;
    const { spec } = build({ mounts });
    expect(spec.mounts.filter(({ destination }) => /shm|data/.test(destination))).toEqual([
      { destination: '/data', type: 'bind', source: '/a', options: ['rbind', 'rslave', 'rw'] },
      { destination: '/data/deep', type: 'bind', source: '/b', options: ['rbind', 'rprivate', 'ro'] },
      {
        destination: '/dev/shm',
        type: 'tmpfs',
        source: 'tmpfs',
        options: ['nosuid', 'nodev', 'size=1g', 'exec'],
      },
    ]);
  });

  test('init becomes the first process', () => {
    const { spec } = build({ init: '/usr/bin/tini-static' });
    expect(spec.process.args).toEqual(['/sbin/docker-init', '--', 'sh']);
    expect(spec.mounts.at(-1)).toMatchObject({
      source: '/usr/bin/tini-static',
      destination: '/sbin/docker-init',
    });
  });

  test('a privileged container has all capabilities and devices, and nothing is hidden', () => {
    const { spec } = build({ privileged: true });
    expect(spec.process.capabilities.bounding).toEqual([...capabilityNames]);
    expect(spec.linux).toMatchObject({
      devices: host.devices,
      maskedPaths: [],
      readonlyPaths: [],
      resources: { devices: [{ allow: true, access: 'rwm' }] },
    });
    expect(spec.linux.seccomp).toBeUndefined();
    expect(spec.mounts.find(({ destination }) => destination === '/sys')?.options).toContain('rw');
  });

  test.each([
    [['net_admin'], [], [...defaultCapabilities, 'CAP_NET_ADMIN']],
    [[], ['CAP_CHOWN'], defaultCapabilities.filter((name) => name !== 'CAP_CHOWN')],
    [['ALL'], ['sys_admin'], capabilityNames.filter((name) => name !== 'CAP_SYS_ADMIN')],
    [['CHOWN'], ['ALL'], ['CAP_CHOWN']],
    [[], ['all'], []],
  ])('capabilities %j added and %j dropped', (capAdd, capDrop, expected) => {
    expect(build({ capAdd, capDrop }).spec.process.capabilities.bounding).toEqual(expected);
  });

  test('a user other than root holds no capability', () => {
    const { capabilities } = build({ user: { uid: 1, gid: 1, additionalGids: [] } }).spec.process;
    expect(capabilities).toEqual({
      bounding: [...defaultCapabilities],
      effective: [],
      permitted: [],
      inheritable: [],
    });
  });

  test('asks only for what the host can give, and says so', () => {
    const { spec, warnings } = build(
      {
        capAdd: ['SYS_RESOURCE'],
        oomScoreAdj: -500,
        ulimits: [{ name: 'nofile', soft: 1000, hard: 1_048_576 }],
        resources: { memory: 1000 },
      },
      poorHost,
    );
    expect(spec.process.capabilities.bounding).toEqual([...defaultCapabilities]);
    expect(spec.process.oomScoreAdj).toBeUndefined();
    expect(spec.process.rlimits).toEqual([{ type: 'RLIMIT_NOFILE', soft: 1000, hard: 20_000 }]);
    expect(spec.linux.resources.memory).toEqual({ limit: 1000 });
    expect(warnings).toEqual([
      'The host does not have the capability CAP_SYS_RESOURCE; the container runs without it.',
      'The host does not allow an OOM score adjustment of -500; the container runs without it.',
      'The host\'s hard limit of "nofile" is 20000; the container\'s limit is lowered to it.',
      expect.stringMatching(/^Your kernel does not support swap limit capabilities/),
    ]);
  });

  test('a host with CAP_SYS_RESOURCE raises limits and lowers scores', () => {
    const { spec, warnings } = build({ oomScoreAdj: -1, ulimits: [{ name: 'nofile', soft: -1, hard: -1 }] });
    expect(spec.process).toMatchObject({ oomScoreAdj: -1, rlimits: [{ soft: 2 ** 64, hard: 2 ** 64 }] });
    expect(warnings).toEqual([]);
  });

  test('limits are Docker’s', () => {
    const resources = {
      memory: 100,
      memoryReservation: 50,
      nanoCpus: 1_500_000_000,
      cpuShares: 512,
      cpusetCpus: '0-1',
      cpusetMems: '0',
      pidsLimit: 10,
    };
    expect(build({ resources }).spec.linux.resources).toMatchObject({
      memory: { limit: 100, reservation: 50, swap: 200 },
      cpu: { shares: 512, quota: 150_000, period: 100_000, cpus: '0-1', mems: '0' },
      pids: { limit: 10 },
    });
    const unlimited = { memory: 100, memorySwap: -1, pidsLimit: -1 };
    expect(build({ resources: unlimited }).spec.linux.resources).toMatchObject({ memory: { swap: -1 } });
    expect(build({ resources: unlimited }).spec.linux.resources.pids).toBeUndefined();
  });

  test('seccomp follows the capabilities', () => {
    const names = (capAdd: readonly string[]) =>
      build({ capAdd }).spec.linux.seccomp?.syscalls.flatMap((rule) => rule.names) ?? [];
    expect(names([])).not.toContain('mount');
    expect(names([])).toContain('clone3');
    expect(names(['SYS_ADMIN'])).toEqual(expect.arrayContaining(['mount', 'clone3', 'unshare']));
    expect(names([])).toEqual(expect.arrayContaining(['openat', 'futex_waitv', 'chroot', 'arch_prctl']));
    expect(names([])).not.toContain('io_uring_setup');
  });
});

test('serialiseOci() writes RLIM_INFINITY as an integer of 64 bits', () => {
  const { spec } = build({ ulimits: [{ name: 'nofile', soft: 5, hard: -1 }] });
  expect(serialiseOci(spec)).toContain('{"type":"RLIMIT_NOFILE","soft":5,"hard":18446744073709551615}');
});
