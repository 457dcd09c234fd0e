import { mountSpecs, parseBind } from '../../../../../src/agent/engine/containers/mount-specs.js';

test('parseBind() tells a path on the host from a volume', () => {
  expect(parseBind('/host:/in')).toMatchObject({ type: 'bind', source: '/host', destination: '/in' });
  expect(parseBind('data:/in')).toMatchObject({ type: 'volume', name: 'data', destination: '/in' });
});

test('parseBind() reads the options', () => {
  expect(parseBind('/host:/in:ro,z,rshared')).toMatchObject({
    readonly: true,
    propagation: 'rshared',
    mode: 'ro,z,rshared',
  });
  expect(parseBind('data:/in:nocopy')).toMatchObject({ copyUp: false, readonly: false });
});

test.each([
  ['/host', "invalid volume specification: '/host'"],
  ['/host:in', 'mount path must be absolute'],
  ['/host:/', "destination can't be '/'"],
  ['/host:/in:fast', 'invalid mode: fast'],
  ['/host:/in:ro,rw', 'invalid mode: ro,rw'],
  ['../up:/in', 'includes invalid characters for a local volume name'],
  ['x:/in', 'volume name is too short'],
])('parseBind() refuses %s', (spec, message) => {
  expect(() => parseBind(spec)).toThrow(message);
});

test('mountSpecs() puts parents before what is mounted in them', () => {
  const specs = mountSpecs({ Binds: ['/x:/a/b/c', '/y:/a'] }, ['/a/b']);

  expect(specs.map(({ destination }) => destination)).toEqual(['/a', '/a/b', '/a/b/c']);
});

test("mountSpecs() lets the user's mount take the place of the image's volume", () => {
  const specs = mountSpecs({ Binds: ['/x:/data/'], Tmpfs: { '/cache': '' } }, ['/data', '/cache']);

  expect(specs).toMatchObject([{ type: 'bind', destination: '/data' }]);
});

test('mountSpecs() refuses two mounts on one place', () => {
  expect(() =>
    mountSpecs({ Binds: ['/x:/a'], Mounts: [{ Type: 'bind', Source: '/y', Target: '/a' }] }, []),
  ).toThrow('Duplicate mount point: /a');
});

test.each([
  [{ Type: 'bind', Target: '/a' }, 'invalid mount config for type "bind": field Source must not be empty'],
  [{ Type: 'tmpfs', Target: '/a', Source: '/b' }, 'field Source must not be specified'],
  [{ Type: 'npipe', Target: '/a' }, 'mount type "npipe" is not supported'],
  [{ Type: 'bind', Source: '/x', Target: 'a' }, 'mount path must be absolute'],
])('mountSpecs() refuses the mount %j', (mount, message) => {
  expect(() => mountSpecs({ Mounts: [mount] }, [])).toThrow(message);
});

test('mountSpecs() writes the options of a tmpfs as mount(8) takes them', () => {
  const specs = mountSpecs(
    { Mounts: [{ Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 1024, Mode: 0o1777 } }] },
    [],
  );

  expect(specs).toMatchObject([{ type: 'tmpfs', options: 'size=1024,mode=1777' }]);
});
