import { execFileSync } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { dockerClients } from '../../../support/tsmachine.js';
import { AgentLab } from './support/agent-lab.js';

/** Sub-paths and "bind-recursive" are known to newer clients only. */
const client = (await dockerClients())
  .toSorted((a, b) => Number.parseInt(b.version, 10) - Number.parseInt(a.version, 10))
  .at(0)?.path;
const docker = (args: readonly string[]) => lab.docker(args, client === undefined ? {} : { client });

let lab: AgentLab;
let host: string;

beforeAll(async () => {
  lab = await AgentLab.start();
  host = join(lab.directory, 'host');
  await mkdir(join(host, 'sub'), { recursive: true });
  await writeFile(join(host, 'sub', 'file'), 'content');
});
afterAll(async () => lab[Symbol.asyncDispose]());

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

const failure = async (...args: readonly string[]) => (await docker(args)).stderr.trim();
const run = (...args: readonly string[]) => output('run', '--rm', '--network', 'none', ...args);
const sleeping = (...args: readonly string[]) =>
  output('run', '-d', '--network', 'none', ...args, 'busybox', 'sleep', '1000');
const mountsBelow = async (text: string) => (await lab.mounts()).filter((path) => path.includes(text));

describe('options of the local driver', () => {
  test('mount at the first use, stay for others, and unmount at the last', async () => {
    await output('volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', '-o', 'o=size=1m', 'ram');
    const one = await sleeping('-v', 'ram:/ram');
    const two = await sleeping('-v', 'ram:/other');

    await output('exec', one, 'sh', '-c', 'echo shared >/ram/x');
    expect(await output('exec', two, 'cat', '/other/x')).toBe('shared');
    expect(
      await output('exec', two, 'sh', '-c', 'df -k /other | tail -1 | tr -s " " | cut -d " " -f 2'),
    ).toBe('1024');
    await output('rm', '-f', one);
    expect(await output('exec', two, 'cat', '/other/x')).toBe('shared');
    await output('rm', '-f', two);

    expect(await mountsBelow('volumes/ram')).toEqual([]);
    expect(await run('-v', 'ram:/ram', 'busybox', 'ls', '/ram')).toBe('');
  });

  test('bind a directory, read-only when asked, and removal leaves its content', async () => {
    const bind = (o: string, name: string) =>
      output('volume', 'create', '-o', 'type=none', '-o', `device=${host}`, '-o', `o=${o}`, name);
    await bind('bind', 'bound');
    await bind('bind,ro', 'bound-ro');

    expect(await run('-v', 'bound:/b', 'busybox', 'cat', '/b/sub/file')).toBe('content');
    expect(
      await failure('run', '--rm', '--network', 'none', '-v', 'bound-ro:/b', 'busybox', 'touch', '/b/x'),
    ).toContain('Read-only file system');
    expect(JSON.parse(await output('volume', 'inspect', 'bound'))[0].Options).toEqual({
      type: 'none',
      device: host,
      o: 'bind',
    });
    await output('volume', 'rm', 'bound', 'bound-ro');

    expect(await readdir(host)).toEqual(['sub']);
  });

  test('survive the agent, whose successor unmounts what is nobody’s any more', async () => {
    await output('volume', 'create', '-o', 'type=tmpfs', '-o', 'device=tmpfs', 'kept');
    await output('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', `device=${host}`, 'ended');
    const kept = await sleeping('-v', 'kept:/k');
    const ended = await sleeping('-v', 'ended:/e');
    await output('exec', kept, 'touch', '/k/here');
    const pid = Number(await output('inspect', '-f', '{{.State.Pid}}', ended));

    await lab.endAgent('SIGKILL');
    process.kill(pid, 'SIGKILL');
    await lab.startAgent();

    expect(await output('exec', kept, 'ls', '/k')).toBe('here');
    expect(await mountsBelow('volumes/ended')).toEqual([]);
    await output('rm', '-f', ended);
    await output('volume', 'rm', 'ended');
    expect(await readdir(host)).toEqual(['sub']);
    await output('rm', '-f', kept);
    expect(await mountsBelow('volumes/kept')).toEqual([]);
  });

  test.each([
    [['-o', 'speed=high'], 'create bad: invalid option: "speed"'],
    [['-o', 'type=tmpfs'], 'create bad: missing required option: "device"'],
    [['-o', 'size=much'], 'create bad: invalid size: "much"'],
    [['-o', 'size=1k'], 'create bad: quota size requested but no quota support: '],
    [
      ['-o', 'type=none', '-o', 'device=/tmp', '-o', 'o=bind', '-o', 'size=1g'],
      'create bad: quota size requested but no quota support',
    ],
    [
      ['-o', 'type=cifs', '-o', 'device=//server:445/share', '-o', 'o=username=u'],
      "create bad: port not allowed in CIFS device URL, include 'port' in 'o='",
    ],
    [['-d', 'nobody'], 'create bad: error looking up volume plugin nobody: plugin "nobody" not found'],
  ])('%j is refused in Docker’s words', async (options, words) => {
    expect(await failure('volume', 'create', ...options, 'bad')).toContain(words);
    expect(await failure('volume', 'inspect', 'bad')).toMatch(/no such volume/i);
  });

  test('size is a limit, which outlives the last user and the agent', async () => {
    await output('volume', 'create', '-o', 'size=16m', 'small');
    expect(await run('-v', 'small:/s', 'busybox', 'ls', '-a', '/s')).toBe('.\n..');
    expect(
      await failure(
        'run',
        '--rm',
        '--network',
        'none',
        '-v',
        'small:/s',
        'busybox',
        'dd',
        'if=/dev/zero',
        'of=/s/big',
        'bs=1M',
      ),
    ).toContain('No space left on device');
    const user = await sleeping('-v', 'small:/s');
    await output('exec', user, 'sh', '-c', 'rm /s/big; echo kept >/s/file');
    await lab.endAgent('SIGKILL');
    await lab.startAgent();

    expect(await output('exec', user, 'cat', '/s/file')).toBe('kept');
    await output('rm', '-f', user);
    expect(await mountsBelow('volumes/small')).toEqual([]);
    expect(await run('-v', 'small:/s', 'busybox', 'cat', '/s/file')).toBe('kept');
    await output('volume', 'rm', 'small');
    expect(await mountsBelow('volumes/small')).toEqual([]);
  });

  test.each([
    [
      'nfs',
      ':/export',
      'addr=127.0.0.1,soft,nfsvers=4',
      /failed to mount local volume: mount :\/export:.*, data: addr=127\.0\.0\.1,soft,nfsvers=4: /,
    ],
    [
      'nfs',
      ':/export',
      'addr=no.such.host.invalid',
      /error resolving passed in network volume address: lookup no\.such\.host\.invalid: no such host/,
    ],
    [
      'cifs',
      '//127.0.0.1/share',
      'username=u,password=hush',
      /mount \/\/127\.0\.0\.1\/share:.*, data: username=u,password=\*+: /,
    ],
    ['cifs', '//no.such.host.invalid/share', 'username=u', /lookup no\.such\.host\.invalid: no such host/],
  ])(
    '%s from %s with %s says why it is not mounted, without the password',
    async (type, device, o, words) => {
      await output('volume', 'create', '-o', `type=${type}`, '-o', `device=${device}`, '-o', `o=${o}`, 'far');
      const said = await failure('run', '--rm', '-v', 'far:/f', 'busybox', 'true');
      await output('volume', 'rm', 'far');

      expect(said).toMatch(words);
      expect(said).not.toContain('hush');
    },
  );

  test('what cannot be mounted fails the container, and nothing of it stays', async () => {
    await output('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', 'device=/no/such', 'gone');
    const path = await output('volume', 'inspect', '-f', '{{.Mountpoint}}', 'gone');

    expect(await failure('run', '--rm', '--name', 'failing', '-v', 'gone:/g', 'busybox', 'true')).toContain(
      `failed to populate volume: error while mounting volume '${path}': failed to mount local volume: mount /no/such:${path}, flags: 0x1000: no such file or directory`,
    );
    expect(await output('ps', '-aq', '--filter', 'name=failing')).toBe('');
  });
});

describe('sub-paths of volumes', () => {
  const subpath = (path: string) => `type=volume,src=parts,dst=/p,volume-subpath=${path}`;
  const start = (path: string) =>
    docker(['run', '--rm', '--network', 'none', '--mount', subpath(path), 'busybox', 'ls', '/p']);

  beforeAll(async () => {
    const script =
      'mkdir -p /v/a/b; touch /v/a/b/here /v/top; ln -s /etc /v/out; ln -s ../../.. /v/a/up; ln -s b /v/a/in';
    await run('-v', 'parts:/v', 'busybox', 'sh', '-c', script);
  });

  test('mount a directory, a file, or what a link within leads to', async () => {
    expect(await start('a/b')).toMatchObject({ code: 0, stdout: 'here\n' });
    expect(await start('a/in')).toMatchObject({ code: 0, stdout: 'here\n' });
    expect(await start('top')).toMatchObject({ code: 0, stdout: '/p\n' });
    expect(await mountsBelow('subpaths')).toEqual([]);
  });

  test.each([
    ['../x', 'subpath must be a relative path within the volume'],
    ['out', 'path concatenation escapes the base directory'],
    ['a/up', 'path concatenation escapes the base directory'],
    ['missing', 'cannot access path'],
  ])('%s is refused', async (path, words) => {
    expect((await start(path)).stderr).toContain(words);
    expect(await mountsBelow('subpaths')).toEqual([]);
  });
});

describe('bind mounts', () => {
  test('read-only ones are so below, too, unless asked otherwise', async () => {
    const outer = join(lab.directory, 'outer');
    await mkdir(join(outer, 'inner'), { recursive: true });
    lab.mount('-t', 'tmpfs', 'tmpfs', join(outer, 'inner'));
    const touch = (option: string) =>
      failure('run', '--rm', '--network', 'none', '--mount', option, 'busybox', 'touch', '/m/inner/x');
    const mount = `type=bind,src=${outer},dst=/m,readonly`;

    expect(await touch(mount)).toContain('Read-only file system');
    expect(
      await failure(
        'run',
        '--rm',
        '--network',
        'none',
        '-v',
        `${outer}:/m:ro`,
        'busybox',
        'touch',
        '/m/inner/x',
      ),
    ).toContain('Read-only file system');
    expect(await touch(`${mount},bind-recursive=readonly,bind-propagation=rprivate`)).toContain(
      'Read-only file system',
    );
    expect(await touch(`${mount},bind-recursive=writable`)).toBe('');
    expect(
      await run(
        '--mount',
        `type=bind,src=${outer},dst=/m,bind-recursive=disabled`,
        'busybox',
        'ls',
        '/m/inner',
      ),
    ).toBe('');
  });

  test('are shared only where their source is', async () => {
    const shared = join(lab.directory, 'shared');
    await mkdir(shared);
    const option = `type=bind,src=${shared},dst=/s,bind-propagation=rshared`;

    expect(await failure('run', '--rm', '--network', 'none', '--mount', option, 'busybox', 'true')).toMatch(
      new RegExp(`path ${shared} is mounted on \\S+ but it is not a shared mount`),
    );
    lab.mount('--bind', shared, shared);
    lab.mount('--make-shared', shared);
    const id = await sleeping('--mount', option);
    await mkdir(join(shared, 'later'));
    lab.mount('-t', 'tmpfs', 'later', join(shared, 'later'));

    expect(await output('exec', id, 'grep', '-c', '/s/later', '/proc/self/mountinfo')).toBe('1');
    await output('rm', '-f', id);
  });
});

test('volumes-from takes the mounts of another, read-only when asked, and refuses unknown modes', async () => {
  const donor = await sleeping('-v', 'given:/data', '-v', `${host}:/host`);

  await run('--volumes-from', donor, 'busybox', 'touch', '/data/x');
  expect(await run('--volumes-from', `${donor}:ro,z`, 'busybox', 'ls', '/data', '/host')).toBe(
    '/data:\nx\n\n/host:\nsub',
  );
  expect(
    await failure('run', '--rm', '--volumes-from', `${donor}:ro`, 'busybox', 'touch', '/data/y'),
  ).toContain('Read-only file system');
  expect(await failure('run', '--rm', '--volumes-from', `${donor}:fast`, 'busybox', 'true')).toContain(
    'invalid mode: fast',
  );
  await output('rm', '-f', donor);
});

test('a volume in use is kept, prune takes the unused anonymous ones and tells their bytes', async () => {
  const user = await sleeping('-v', 'used:/u', '-v', '/anonymous');
  await output('volume', 'create', '--label', 'keep=yes', 'labelled');
  expect(await failure('volume', 'rm', '-f', 'used')).toContain(`remove used: volume is in use - [${user}]`);
  await output('exec', user, 'dd', 'if=/dev/zero', 'of=/anonymous/x', 'bs=1k', 'count=2');
  const disk = JSON.parse(JSON.stringify((await lab.request('GET', '/system/df')).body));
  expect(
    disk.Volumes.find(({ UsageData }: { UsageData: { Size: number } }) => UsageData.Size === 2048),
  ).toMatchObject({
    Labels: { 'com.docker.volume.anonymous': '' },
    UsageData: { RefCount: 1 },
  });
  await output('rm', '-f', user);

  const pruned = await lab.request('POST', '/v1.42/volumes/prune');
  expect(pruned.body).toMatchObject({ SpaceReclaimed: expect.any(Number) });
  expect((pruned.body as { SpaceReclaimed: number }).SpaceReclaimed).toBeGreaterThanOrEqual(2048);
  expect(await output('volume', 'ls', '-q', '--filter', 'name=used')).toBe('used');
  await lab.request('POST', '/v1.42/volumes/prune?filters={"all":["1"],"label!":["keep"]}');
  expect(await output('volume', 'ls', '-q', '--filter', 'name=used')).toBe('');
  expect(await output('volume', 'ls', '-q', '--filter', 'label=keep=yes')).toBe('labelled');
});

test('docker cp reaches volumes with options and sub-paths of a container that does not run', async () => {
  await output('volume', 'create', '-o', 'type=none', '-o', 'o=bind', '-o', `device=${host}`, 'copied');
  const mount = 'type=volume,src=copied,dst=/c,volume-subpath=sub';
  const id = await output('create', '--network', 'none', '--mount', mount, 'busybox', 'true');

  const { stdout } = await lab.docker(['cp', `${id}:/c/file`, '-']);

  expect(execFileSync('tar', ['-xO'], { input: Buffer.from(stdout, 'latin1') }).toString()).toBe('content');
  expect(await mountsBelow('subpaths')).toEqual([]);
  expect(await mountsBelow('volumes/copied')).toEqual([]);
  await output('rm', id);
});
