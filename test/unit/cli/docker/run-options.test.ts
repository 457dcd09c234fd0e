import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDevice, parseDeviceWeight, parseGpus, parseRate } from '../../../../src/cli/docker/devices.js';
import { healthCheck } from '../../../../src/cli/docker/health-check.js';
import { parseMount } from '../../../../src/cli/docker/mount-spec.js';
import { networkOptions } from '../../../../src/cli/docker/network-options.js';
import type { RunFlags } from '../../../../src/cli/docker/run-flags.js';
import { runRequest } from '../../../../src/cli/docker/run-request.js';
import { securityOptions } from '../../../../src/cli/docker/security-options.js';

const around = { environment: {}, directory: '/', terminal: undefined, detachKeys: Buffer.from('dq') };
const bodyOf = async (flags: RunFlags) => (await runRequest(flags, ['image'], around)).body;

test.each([
  ['/dev/a', { PathOnHost: '/dev/a', PathInContainer: '/dev/a', CgroupPermissions: 'rwm' }],
  ['/dev/a:r', { PathOnHost: '/dev/a', PathInContainer: '/dev/a', CgroupPermissions: 'r' }],
  ['/dev/a:/dev/b', { PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'rwm' }],
  ['/dev/a:/dev/b:rw', { PathOnHost: '/dev/a', PathInContainer: '/dev/b', CgroupPermissions: 'rw' }],
])('--device %s', (flag, device) => {
  expect(parseDevice(flag)).toEqual(device);
});

test('rates, weights and GPUs of devices', () => {
  expect(parseRate('--device-read-iops', '/dev/sda:10')).toEqual({ Path: '/dev/sda', Rate: 10 });
  expect(parseDeviceWeight('/dev/sda:500')).toEqual({ Path: '/dev/sda', Weight: 500 });
  expect(parseGpus('all')).toMatchObject({ Count: -1, Capabilities: [['gpu']] });
  expect(parseGpus('"device=0,1",capabilities=compute')).toMatchObject({
    ...{ Count: 0, DeviceIDs: ['0', '1'], Capabilities: [['gpu', 'compute']] },
  });
});

test('a health check of one’s own, or none at all', () => {
  expect(healthCheck({})).toBeUndefined();
  expect(healthCheck({ 'health-cmd': 'true', 'health-interval': '1m30s', 'health-retries': '3' })).toEqual({
    ...{ Test: ['CMD-SHELL', 'true'], Interval: 90e9, Retries: 3 },
  });
  expect(healthCheck({ 'no-healthcheck': true })).toEqual({ Test: ['NONE'] });
});

test('networks: by name, by fields, with the flags of the first', () => {
  expect(networkOptions({ network: ['host'] })).toEqual({ mode: 'host', endpoints: {}, links: undefined });
  expect(networkOptions({ link: ['db'] })).toEqual({ mode: 'default', endpoints: {}, links: ['db'] });
  expect(
    networkOptions({
      network: ['a', 'name=b,alias=x,alias=y,ip=10.0.0.2,gw-priority=1'],
      ip: '10.1.0.2',
      link: ['db'],
    }),
  ).toEqual({
    mode: 'a',
    links: undefined,
    endpoints: {
      a: { Links: ['db'], IPAMConfig: { IPv4Address: '10.1.0.2' } },
      b: { Aliases: ['x', 'y'], IPAMConfig: { IPv4Address: '10.0.0.2' }, GwPriority: 1 },
    },
  });
});

test('streams to attach, and what is written into files and labels', async () => {
  expect(await bodyOf({ attach: ['stderr'] })).toMatchObject({
    ...{ AttachStdin: false, AttachStdout: false, AttachStderr: true },
  });
  expect(await bodyOf({ attach: ['STDIN'] })).toMatchObject({ AttachStdin: true, AttachStdout: false });
  expect(
    await bodyOf({ 'stop-timeout': '3', domainname: 'd.e', 'log-driver': 'none', 'volumes-from': ['a:ro'] }),
  ).toMatchObject({
    ...{ StopTimeout: 3, Domainname: 'd.e' },
    HostConfig: { LogConfig: { Type: 'none' }, VolumesFrom: ['a:ro'] },
  });
});

test('devices, namespaces and limits reach HostConfig, and only those that were given', async () => {
  const { HostConfig } = await bodyOf({
    ...{ device: ['/dev/fuse'], 'device-cgroup-rule': ['c 1:3 rwm'], pid: 'host', cgroupns: 'private' },
    ...{ sysctl: ['a.b=1'], 'shm-size': '64m', 'oom-score-adj': '-500', annotation: ['x=y'] },
  });

  expect(HostConfig).toMatchObject({
    Devices: [{ PathOnHost: '/dev/fuse' }],
    ...{
      DeviceCgroupRules: ['c 1:3 rwm'],
      PidMode: 'host',
      CgroupnsMode: 'private',
      Sysctls: { 'a.b': '1' },
    },
    ...{ ShmSize: 64 * 2 ** 20, OomScoreAdj: -500, Annotations: { x: 'y' } },
  });
  expect(Object.keys(HostConfig)).not.toContain('IpcMode');
});

test('a seccomp profile is sent as its text', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'tsmachine-seccomp-'));
  try {
    const path = join(directory, 'profile.json');
    await writeFile(path, '{ "defaultAction": "SCMP_ACT_ALLOW" }\n');
    expect(await securityOptions([`seccomp=${path}`, 'no-new-privileges', 'systempaths=unconfined'])).toEqual(
      {
        SecurityOpt: ['seccomp={"defaultAction":"SCMP_ACT_ALLOW"}', 'no-new-privileges'],
        ...{ MaskedPaths: [], ReadonlyPaths: [] },
      },
    );
  } finally {
    await rm(directory, { recursive: true });
  }
});

test('mounts below a read-only bind, and a part of a volume', () => {
  expect(parseMount('type=bind,source=/a,target=/b,readonly,bind-recursive=readonly', '/')).toMatchObject({
    BindOptions: { ReadOnlyForceRecursive: true },
  });
  expect(parseMount('source=v,target=/b,volume-subpath=c', '/')).toMatchObject({
    VolumeOptions: { Subpath: 'c' },
  });
});

test.each<[RunFlags, string]>([
  [{ attach: ['stdout'], detach: true }, 'cannot specify both --attach and --detach'],
  [{ rm: true, restart: 'always' }, 'cannot specify both --restart and --rm'],
  [{ attach: ['nothing'] }, 'valid streams are STDIN, STDOUT and STDERR'],
  [{ 'health-cmd': 'a', 'no-healthcheck': true }, '--no-healthcheck conflicts with --health-* options'],
  [{ 'health-interval': '5' }, 'write a duration'],
  [{ device: ['/dev/a:/dev/b:x'] }, 'bad mode specified: x'],
  [{ 'device-read-bps': ['sda:1mb'] }, 'begins with /dev/'],
  [{ 'blkio-weight-device': ['/dev/sda:5'] }, 'the weight is 10 to 1000'],
  [{ gpus: 'a=b' }, "unexpected key 'a'"],
  [{ pid: 'mine' }, '--pid: invalid PID mode'],
  [{ 'device-cgroup-rule': ['all'] }, 'TYPE MAJOR:MINOR MODE'],
  [{ network: ['name=a,b=c'] }, 'invalid field key "b"'],
  [{ network: ['alias=c'] }, 'network name/id is not specified'],
  [{ network: ['a', 'a'] }, 'network "a" is specified multiple times'],
  [
    { network: ['name=a,ip=1.1.1.1'], ip: '1.1.1.2' },
    'cannot specify both --ip and per-network IPv4 address',
  ],
])('%j is refused', async (flags, message) => {
  await expect(bodyOf(flags)).rejects.toThrow(message);
});
