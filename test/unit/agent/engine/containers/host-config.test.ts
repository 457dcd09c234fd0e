import {
  validateForHost,
  validateHostConfig,
  withDefaults,
} from '../../../../../src/agent/engine/containers/host-config.js';
import { refuseUnsupported } from '../../../../../src/agent/engine/containers/unsupported.js';

test("withDefaults() fills in what Docker's inspect shows", () => {
  expect(withDefaults({}, { cgroupMode: 'v2' }, 'crun')).toMatchObject({
    NetworkMode: 'bridge',
    RestartPolicy: { Name: 'no', MaximumRetryCount: 0 },
    IpcMode: 'private',
    CgroupnsMode: 'private',
    ShmSize: 67_108_864,
  });
  expect(withDefaults({ NetworkMode: 'default' }, { cgroupMode: 'v1' }, 'runc')).toMatchObject({
    NetworkMode: 'bridge',
    CgroupnsMode: 'host',
    Runtime: 'runc',
  });
});

test.each([
  [{ Memory: 1024 }, 'Minimum memory limit allowed is 6MB'],
  [{ Memory: 2 ** 30, MemorySwap: 2 ** 29 }, 'Minimum memoryswap limit should be larger than memory limit'],
  [{ NanoCpus: 1e9, CpuPeriod: 100_000 }, 'Nano CPUs and CPU Period cannot both be set'],
  [{ NanoCpus: 1e15 }, 'range of CPUs is from 0.01 to'],
  [{ RestartPolicy: { Name: 'sometimes' } }, "invalid restart policy: unknown policy 'sometimes'"],
  [{ RestartPolicy: { Name: 'always', MaximumRetryCount: 3 } }, "can only be used with 'on-failure'"],
  [
    { AutoRemove: true, RestartPolicy: { Name: 'always' } },
    "can't create 'AutoRemove' container with restart policy",
  ],
  [{ MemorySwappiness: 101 }, 'valid memory swappiness range is 0-100'],
  [{ BlkioWeight: 9 }, 'Range of blkio weight is from 10 to 1000'],
  [{ BlkioWeightDevice: [{ Path: '/dev/null', Weight: 1001 }] }, 'Range of blkio weight'],
  [{ IpcMode: 'shared' }, 'invalid IPC mode: shared'],
  [{ PidMode: 'container:' }, 'invalid PID mode: container:'],
  [{ UsernsMode: 'private' }, 'invalid USER mode: private'],
  [{ IOMaximumIOps: 1 }, 'linux does not support configuration of maximum IOPs'],
  [{ CapAdd: ['chpass'] }, 'invalid CapAdd: unknown capability: "CAP_CHPASS"'],
  [{ Tmpfs: { foo: '' } }, "invalid mount path: 'foo' mount path must be absolute"],
  [{ Tmpfs: { '//': '' } }, "destination can't be '/'"],
  [{ Annotations: { '': 'a' } }, 'the empty string is not permitted as an annotation key'],
  [{ OomScoreAdj: 2000 }, 'range for oom score adj is [-1000, 1000]'],
])('validateHostConfig() refuses %j', (given, message) => {
  expect(() => validateHostConfig(given)).toThrow(message);
});

test.each([
  [{ CpuCount: 1 }, 'CpuCount'],
  [{ Cgroup: 'container:x' }, 'Cgroup'],
])('refuseUnsupported() names the option of %j', (given, option) => {
  expect(() => refuseUnsupported({ HostConfig: given })).toThrow(`${option} is not supported by this engine`);
});

const host = { cpuRealtime: false, cgroupMode: 'v1', cpuset: { cpus: '0-1', mems: '0' } } as const;

test.each([
  [{ CpuShares: 1 }, 'the minimum allowed cpu-shares is 2'],
  [{ CpusetCpus: '1-42,,' }, 'Invalid value 1-42,, for cpuset cpus'],
  [{ CpusetCpus: '1,7' }, 'Requested CPUs are not available - requested 1,7, available: 0-1'],
  [{ CpusetMems: '1' }, 'Requested memory nodes are not available - requested 1, available: 0'],
  [{ Runtime: 'kata' }, 'unknown or invalid runtime name: kata'],
  [{ Runtime: 'runc' }, 'unknown or invalid runtime name: runc'],
  [{ CpuRealtimeRuntime: 1000 }, 'Your kernel does not support CPU real-time scheduler'],
])('validateForHost() refuses %j where the host lacks it', (given, message) => {
  const programs = new Map([['crun', '/usr/bin/crun']]);

  expect(() => validateForHost(given, host, programs)).toThrow(message);
  expect(() => validateForHost({ Runtime: 'crun' }, host, programs)).not.toThrow();
});

test('validateForHost() holds real-time runtime and period against each other', () => {
  const given = { CpuRealtimeRuntime: 2000, CpuRealtimePeriod: 1000 };

  expect(() => validateForHost(given, { ...host, cpuRealtime: true }, new Map())).toThrow(
    'cpu real-time runtime cannot be higher than cpu real-time period',
  );
});

test('refuseUnsupported() accepts what the docker CLI always sends', () => {
  expect(() =>
    refuseUnsupported({
      HostConfig: {
        MemorySwappiness: -1,
        OomKillDisable: false,
        LogConfig: { Type: '', Config: {} },
        Isolation: '',
        BlkioWeightDevice: [],
        BlkioDeviceReadBps: [],
        VolumeDriver: '',
        CgroupParent: '',
      },
      NetworkingConfig: { EndpointsConfig: { default: { DriverOpts: {}, MacAddress: '' } } },
    }),
  ).not.toThrow();
});
