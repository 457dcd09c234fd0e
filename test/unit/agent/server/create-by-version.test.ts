import { createByVersion } from '../../../../src/agent/server/routes/create-by-version.js';

test.each([
  ['1.24', { AutoRemove: true }, { AutoRemove: false }],
  ['1.25', { AutoRemove: true }, { AutoRemove: true }],
  ['1.39', {}, { IpcMode: 'shareable' }],
  ['1.39', { IpcMode: 'private' }, { IpcMode: 'private' }],
  ['1.39', { KernelMemoryTCP: 5 }, { KernelMemoryTCP: undefined }],
  ['1.41', { KernelMemory: 5 }, { KernelMemory: 5 }],
  ['1.42', { KernelMemory: 5 }, { KernelMemory: undefined }],
  ['1.41', { ConsoleSize: [30, 90] }, { ConsoleSize: [0, 0] }],
  ['1.42', { ConsoleSize: [30, 90] }, { ConsoleSize: [30, 90] }],
  ['1.42', { Annotations: { a: 'b' } }, { Annotations: {} }],
  ['1.47', { PidsLimit: -1 }, { PidsLimit: undefined }],
  ['1.47', { PidsLimit: 7 }, { PidsLimit: 7 }],
] as const)('%s reads %j as %j', (version, given, expected) => {
  const { HostConfig } = createByVersion({ Image: 'busybox', HostConfig: given }, version);

  for (const [name, value] of Object.entries(expected)) {
    expect((HostConfig as Record<string, unknown>)[name]).toEqual(value);
  }
});

test('limits beside HostConfig count where HostConfig has none', () => {
  const request = { Image: 'busybox', Memory: 8_000_000, CpuShares: 5, HostConfig: { CpuShares: 9 } };

  expect(createByVersion(request, '1.47')).toEqual({
    Image: 'busybox',
    HostConfig: { Memory: 8_000_000, CpuShares: 9 },
  });
});

test('before 1.44 a container is on one network, without an address of its own there', () => {
  const on = (...names: readonly string[]) => ({
    Image: 'busybox',
    NetworkingConfig: {
      EndpointsConfig: Object.fromEntries(names.map((name) => [name, { MacAddress: '02:00:00:00:00:01' }])),
    },
  });

  expect(() => createByVersion(on('a', 'b'), '1.43')).toThrow(
    'Container cannot be created with multiple network endpoints: a, b',
  );
  expect(createByVersion(on('a'), '1.43').NetworkingConfig).toEqual({ EndpointsConfig: { a: {} } });
  expect(createByVersion(on('a', 'b'), '1.44').NetworkingConfig).toEqual(on('a', 'b').NetworkingConfig);
});

describe('mounts', () => {
  const mount = (one: object, version: Parameters<typeof createByVersion>[1]) =>
    createByVersion({ HostConfig: { Mounts: [one] } }, version).HostConfig?.Mounts?.[0];
  const bind = { Type: 'bind', Source: '/a', Target: '/b' };

  test('options of another type were not looked at before 1.42', () => {
    expect(mount({ ...bind, VolumeOptions: {} }, '1.41')).toEqual(bind);
    expect(() => mount({ ...bind, VolumeOptions: {} }, '1.42')).toThrow(
      'VolumeOptions must not be specified on mount type "bind"',
    );
  });

  test('read-only was the mount itself before 1.44', () => {
    expect(mount({ ...bind, ReadOnly: true }, '1.43')).toEqual({
      ...bind,
      ReadOnly: true,
      BindOptions: { ReadOnlyNonRecursive: true },
    });
    expect(mount({ ...bind, ReadOnly: true }, '1.44')).toEqual({ ...bind, ReadOnly: true });
  });

  test('what must hold is refused of older clients', () => {
    expect(() => mount({ ...bind, BindOptions: { ReadOnlyForceRecursive: true } }, '1.43')).toThrow(
      'BindOptions.ReadOnlyForceRecursive needs API v1.44 or newer',
    );
    expect(() => mount({ Type: 'volume', VolumeOptions: { Subpath: 'x' } }, '1.44')).toThrow(
      'VolumeOptions.Subpath needs API v1.45 or newer',
    );
  });
});
