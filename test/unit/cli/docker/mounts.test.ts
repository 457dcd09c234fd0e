import { parseMount } from '../../../../src/cli/docker/mount-spec.js';
import { parseVolumes } from '../../../../src/cli/docker/volume-spec.js';

describe('parseVolumes()', () => {
  it('tells binds and named volumes from anonymous volumes', () => {
    expect(parseVolumes(['/srv:/data:ro', 'cache:/cache', '/tmp/x'], '/home/me')).toEqual({
      binds: ['/srv:/data:ro', 'cache:/cache'],
      anonymous: { '/tmp/x': {} },
    });
  });

  it('resolves sources that begin with a dot', () => {
    const { binds } = parseVolumes(['.:/a', './b:/b', '../c:/c:ro', '.hidden:/d'], '/home/me');

    expect(binds).toEqual(['/home/me:/a', '/home/me/b:/b', '/home/c:/c:ro', '.hidden:/d']);
  });

  it.each(['', ':/data', '/srv:', '/a:/b:ro:x', 'name', 'a:relative'])('refuses "%s"', (spec) => {
    expect(() => parseVolumes([spec], '/')).toThrow(expect.objectContaining({ code: 'FLAG_INVALID' }));
  });
});

describe('parseMount()', () => {
  it.each([
    [
      'type=bind,source=/srv,target=/data,readonly',
      { Type: 'bind', Source: '/srv', Target: '/data', ReadOnly: true },
    ],
    ['type=bind,src=./x,dst=/data', { Type: 'bind', Source: '/home/me/x', Target: '/data' }],
    ['target=/data', { Type: 'volume', Target: '/data' }],
    ['src=v,destination=/data,ro=false', { Type: 'volume', Source: 'v', Target: '/data' }],
    [
      'type=bind,src=/a,dst=/b,bind-propagation=rshared,bind-nonrecursive',
      {
        Type: 'bind',
        Source: '/a',
        Target: '/b',
        BindOptions: { Propagation: 'rshared', NonRecursive: true },
      },
    ],
    [
      'type=tmpfs,dst=/t,tmpfs-size=64m,tmpfs-mode=1770',
      { Type: 'tmpfs', Target: '/t', TmpfsOptions: { SizeBytes: 67_108_864, Mode: 0o1770 } },
    ],
    [
      'src=v,dst=/v,volume-nocopy,volume-driver=local,"volume-opt=o=size=1,uid=2",volume-label=a=b',
      {
        Type: 'volume',
        Source: 'v',
        Target: '/v',
        VolumeOptions: {
          NoCopy: true,
          Labels: { a: 'b' },
          DriverConfig: { Name: 'local', Options: { o: 'size=1,uid=2' } },
        },
      },
    ],
  ])('reads "%s"', (spec, mount) => {
    expect(parseMount(spec, '/home/me')).toEqual(mount);
  });

  it.each([
    ['type=bind,dst=/x', 'source is required'],
    ['type=bind,src=/x', 'target is required'],
    ['type=npipe,src=a,dst=/b', '"npipe" is no type'],
    ['type=tmpfs,src=a,dst=/b', 'a tmpfs mount has no source'],
    ['src=a,dst=/b,colour=red', '"colour" is no field'],
    ['src=a,dst', '"dst" has no value'],
    ['src=a,dst=/b,ro=maybe', '"maybe" is neither'],
    ['src=a,dst=/b,tmpfs-size=1', '"tmpfs-size" does not go with a volume mount'],
    ['type=tmpfs,dst=/b,tmpfs-mode=9', '"9" is no octal mode'],
  ])('refuses "%s"', (spec, why) => {
    expect(() => parseMount(spec, '/')).toThrow(why);
  });
});
