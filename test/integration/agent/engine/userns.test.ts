import { readFileSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { waitUntil } from '../../../../src/shared/wait-until.js';
import { AgentLab } from './support/agent-lab.js';

// Under `userns-remap`: root in a container is an unprivileged user of the host.
const first = 165_536;
let lab: AgentLab;

beforeAll(async () => {
  lab = await AgentLab.start({ usernsRemap: 'default' }, undefined, {
    subuid: 'someone:100000:65536\n',
    subgid: '',
  });
}, 60_000);
afterAll(() => lab[Symbol.asyncDispose](), 60_000);

async function docker(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout;
}

const sh = (script: string, ...flags: readonly string[]) =>
  docker('run', '--rm', ...flags, 'busybox', 'sh', '-c', script);

async function refusal(...args: readonly string[]): Promise<string> {
  const { code, stderr } = await lab.docker(args);
  expect(code).not.toBe(0);
  return stderr;
}

/** As `docker inspect` tells it. */
const field = async (name: string, template: string) =>
  (await docker('inspect', '-f', template, name)).trim();

const hostOwner = (path: string) => {
  const { uid, gid } = statSync(path);
  return [uid - first, gid - first];
};

test('"default" makes dockremap with ranges of its own, and info says so', async () => {
  expect(readFileSync(`${lab.directory}/etc/passwd`, 'utf8')).toMatch(/^dockremap:/m);
  expect(readFileSync(`${lab.directory}/etc/subuid`, 'utf8')).toBe(
    'someone:100000:65536\ndockremap:165536:65536\n',
  );
  expect(await docker('info', '-f', '{{json .SecurityOptions}}')).toContain('"name=userns"');
});

test('root in a container is nobody on the host, and owns what its image has', async () => {
  await docker('run', '-d', '--name', 'root', 'busybox', 'sleep', '1000');
  const pid = await field('root', '{{.State.Pid}}');
  expect(readFileSync(`/proc/${pid}/uid_map`, 'utf8').trim().split(/\s+/)).toEqual([
    '0',
    `${first}`,
    '65536',
  ]);
  expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^Uid:\t165536\t165536\t165536\t165536$/m);
  expect(hostOwner(`/proc/${pid}`)).toEqual([0, 0]);

  expect(
    await docker('exec', 'root', 'sh', '-c', 'id -u; touch /made; stat -c %u:%g / /bin /made /etc/hosts'),
  ).toBe('0\n0:0\n0:0\n0:0\n0:0\n');
  expect(hostOwner(`${await field('root', '{{.GraphDriver.Data.UpperDir}}')}/made`)).toEqual([0, 0]);
  // Not even what everybody on the host may ask for.
  const tries =
    'for f in /proc/sys/kernel/core_pattern /proc/sysrq-trigger; do echo 1 2>&1 >$f; done; mount -t tmpfs x /mnt';
  expect((await lab.docker(['exec', '--privileged', 'root', 'sh', '-c', tries])).code).not.toBe(0);
});

test('the device /dev/null stays the host’s', async () => {
  await sh('true', '-u', '77');
  expect(statSync('/dev/null')).toMatchObject({ uid: 0, gid: 0 });
});

test.each([
  ['crun', [] as const],
  ['crun', ['-u', '1000:7']],
  ['runc', []],
  ['runc', ['-u', '1000:7']],
])('%s: output can be opened anew by its name, by processes and execs (%j)', async (runtime, user) => {
  const open = 'echo out >/dev/stdout; echo err >/dev/stderr';
  const runs = await lab.docker(['run', '--rm', '--runtime', runtime, ...user, 'busybox', 'sh', '-c', open]);
  expect(runs).toEqual({ code: 0, stdout: 'out\n', stderr: 'err\n' });
  const execs = await lab.docker(['exec', ...user, 'root', 'sh', '-c', open]);
  expect(execs).toEqual({ code: 0, stdout: 'out\n', stderr: 'err\n' });
});

test.each([
  [
    '--init --read-only --tmpfs /t',
    'touch /t/x && stat -c %u /t/x && stat -c %u /sbin/docker-init',
    '0\n65534\n',
  ],
  [
    '-u 12:13 --group-add 14 -w /tmp',
    'id && touch x && stat -c %u:%g x',
    'uid=12 gid=13 groups=13,14\n12:13\n',
  ],
  ['-w /made/here', 'stat -c %u:%g . .. && touch x', '0:0\n0:0\n'],
  ['-t', 'tty && echo x >/dev/tty && stat -c %u:%g $(tty)', '/dev/pts/0\r\nx\r\n0:5\r\n'],
  ['--shm-size 1m', 'stat -c %u:%a /dev/shm && touch /dev/shm/x', '0:1777\n'],
  ['--memory 32m', 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes', '33554432\n'],
  ['--storage-opt size=20m', 'touch /f && stat -c %u / /f', '0\n0\n'],
  ['', 'cat /proc/sys/net/ipv4/ping_group_range', '0\t65535\n'],
  [
    '',
    'mount | grep -c "^sysfs on /sys "; (echo x >/proc/sys/vm/drop_caches) 2>&1 || true',
    /^1\n.*Read-only/,
  ],
  ['--userns host', 'cat /proc/self/uid_map; stat -c %u / /bin /etc/hosts', /^ +0 +0 4294967295\n0\n0\n0\n$/],
  ['--userns host --privileged --pid host', 'ls /dev | grep -c null', '1\n'],
])('docker run %s: %s', async (flags, script, expected) => {
  const output = await sh(script, ...flags.split(' ').filter(Boolean));
  if (typeof expected === 'string') expect(output).toBe(expected);
  else expect(output).toMatch(expected);
});

test.each([
  [
    ['--privileged'],
    'privileged mode is incompatible with user namespaces.  You must run the container in the host',
  ],
  [['--network', 'host'], "cannot share the host's network namespace when user namespaces are enabled"],
  [['--pid', 'host'], 'cannot share the host PID namespace when user namespaces are enabled'],
  [['--user', '70000'], 'Container ID 70000 cannot be mapped to a host ID'],
])('%j is refused', async (flags, message) => {
  expect(await refusal('run', '--rm', ...flags, 'busybox', 'true')).toContain(message);
});

test('cp, diff, export and commit speak of owners as the container sees them', async () => {
  await docker(
    'run',
    '--name',
    'files',
    'busybox',
    'sh',
    '-c',
    'mkdir /d; touch /d/f; chown 5:6 /d/f; rm /etc/group',
  );
  await writeFile(`${lab.directory}/in`, 'text');
  await docker('cp', `${lab.directory}/in`, 'files:/d/in');
  await docker('cp', '-a', `${lab.directory}/in`, 'files:/new');
  expect((await docker('diff', 'files')).split('\n').sort()).toEqual([
    '',
    'A /d',
    'A /d/f',
    'A /d/in',
    'A /new',
    'C /etc',
    'D /etc/group',
  ]);
  const copied = await tarOwners(['cp', 'files:/d', '-']);
  expect(copied).toEqual({ 'd/': '0/0', 'd/f': '5/6', 'd/in': '0/0' });
  expect(await tarOwners(['export', 'files'])).toMatchObject({ ...copied, 'bin/': '0/0', new: '0/0' });
  expect(hostOwner(`${await field('files', '{{.GraphDriver.Data.UpperDir}}')}/d/f`)).toEqual([5, 6]);

  await docker('commit', 'files', 'committed');
  const owners = 'stat -c %u:%g /d/f /d/in /d; ls /etc/group';
  const inImage = ['committed', 'sh', '-c', owners];
  for (const userns of [[], ['--userns', 'host']]) {
    const { stdout } = await lab.docker(['run', '--rm', ...userns, ...inImage]);
    expect(stdout).toBe('5:6\n0:0\n0:0\n');
  }
});

async function tarOwners(args: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const { stdout: tar } = await lab.docker(args);
  const listing = await lab.inside('sh', '-c', await listed(tar));
  return Object.fromEntries(
    listing
      .split('\n')
      .filter(Boolean)
      .map((line) => line.split(/\s+/))
      .map(([, owner = '', , , , name = '']) => [name, owner]),
  );
}

async function listed(tar: string): Promise<string> {
  const file = `${lab.directory}/listed.tar`;
  await writeFile(file, Buffer.from(tar, 'latin1'));
  return `tar --numeric-owner -tvf ${file}`;
}

test('volumes and directories that are made belong to root of the container', async () => {
  await docker(
    'run',
    '--name',
    'seed',
    'busybox',
    'sh',
    '-c',
    'mkdir /seed; touch /seed/f; chown 8:9 /seed /seed/f',
  );
  await docker('commit', 'seed', 'seeded');
  const script =
    'touch /seed/mine /empty/mine /bind/mine; stat -c %u:%g /seed /seed/f /seed/mine /empty /bind/mine';
  const bind = `${lab.directory}/made/by/bind`;
  const flags = ['-v', 'full:/seed', '-v', 'empty:/empty', '-v', `${bind}:/bind`];
  expect(await docker('run', '--rm', ...flags, 'seeded', 'sh', '-c', script)).toBe(
    '8:9\n8:9\n0:0\n0:0\n0:0\n',
  );

  const place = await field('full', '{{.Mountpoint}}');
  expect([hostOwner(place), hostOwner(`${place}/f`), hostOwner(`${bind}/mine`)]).toEqual([
    [8, 9],
    [8, 9],
    [0, 0],
  ]);
  // What the host owns is nobody's here, and cannot be changed.
  await mkdir(`${lab.directory}/hosts-own`, { mode: 0o755 });
  expect(
    await sh('stat -c %u /x; touch /x/f 2>&1 || echo refused', '-v', `${lab.directory}/hosts-own:/x`),
  ).toMatch(/^65534\n.*\nrefused\n$/);
});

test('containers share namespaces with those of the same user namespace', async () => {
  await docker('run', '-d', '--name', 'donor', '--ipc', 'shareable', 'busybox', 'sleep', '1000');
  await docker('run', '-d', '--name', 'own', 'busybox', 'sleep', '1000');
  const users = 'readlink /proc/self/ns/user';
  const theirs = await docker('exec', 'donor', 'readlink', '/proc/self/ns/user');
  const joins = ['--network', 'container:donor', '--pid', 'container:donor', '--ipc', 'container:donor'];

  expect(
    await sh(
      `${users}; touch /dev/shm/x; ps | grep -c [s]leep; ip link set lo down && echo down`,
      ...joins,
      '--cap-add',
      'NET_ADMIN',
    ),
  ).toBe(`${theirs}1\ndown\n`);
  expect(await docker('exec', 'donor', 'stat', '-c', '%u', '/dev/shm/x')).toBe('0\n');
  expect(await sh('ps | grep -c [s]leep', '--userns', 'host', '--pid', 'container:donor')).toBe('1\n');
  const others = ['--network', 'container:donor', '--pid', 'container:own'];
  expect(await refusal('run', '--rm', ...others, 'busybox', 'true')).toContain(
    'it has another user namespace',
  );
});

test('networks, names and published ports work', async () => {
  await docker('network', 'create', 'net');
  await docker(
    'run',
    '-d',
    '--name',
    'web',
    '--network',
    'net',
    '-p',
    '18080:80',
    'busybox',
    'httpd',
    '-f',
    '-h',
    '/etc',
  );
  const hostname = `${await field('web', '{{.Config.Hostname}}')}\n`;

  expect(await sh('wget -qO- http://web/hostname', '--network', 'net')).toBe(hostname);
  expect(await sh('ping -c1 -w20 web >/dev/null && echo there', '--network', 'net')).toBe('there\n');
  expect(await lab.inside('wget', '-qO-', 'http://127.0.0.1:18080/hostname')).toBe(hostname);
});

test('a build runs in a user namespace, and its image has owners as anywhere', async () => {
  const context = `${lab.directory}/context`;
  await mkdir(context);
  await writeFile(`${context}/f`, 'text', { mode: 0o600 });
  const dockerfile = `FROM busybox AS one
COPY --chown=5:6 f /copied
COPY f /plain
RUN cut -c1-21 /proc/self/uid_map >/map && cat /plain && touch /made && chown 7:8 /made && chmod 4755 /made
FROM busybox
COPY --from=one /copied /plain /map /made /
RUN stat -c %u:%g:%a /copied /plain /made >/owners && chown 9 /copied
USER 33:34
RUN touch /tmp/own
`;
  await writeFile(`${context}/Dockerfile`, dockerfile);
  await docker('build', '-t', 'built', context);
  const script = 'cat /map /owners; stat -c %u:%g /copied /tmp/own';

  for (const userns of [[], ['--userns', 'host']]) {
    const output = await docker('run', '--rm', ...userns, 'built', 'sh', '-c', script);
    expect(output.replace(/ +/g, ' ')).toBe(' 0 165536\n5:6:600\n0:0:600\n7:8:4755\n9:6\n33:34\n');
  }
}, 60_000);

test('healthchecks, top, logs, stats and limits that are changed are as ever', async () => {
  const health = [
    '--health-cmd',
    'test $(id -u) = 0',
    '--health-interval',
    '200ms',
    '--health-start-period',
    '20s',
  ];
  await docker('run', '-d', '--name', 'ill', ...health, 'busybox', 'sh', '-c', 'echo line; exec sleep 1000');
  await docker('update', '--memory', '64m', '--memory-swap', '64m', 'ill');
  expect(await docker('logs', 'ill')).toBe('line\n');
  expect(await docker('top', 'ill', '-eo', 'pid,uid,args')).toMatch(/ 165536 +sleep 1000/);
  expect(await docker('stats', '--no-stream', '--format', '{{.MemUsage}}', 'ill')).toContain('64MiB');
  const isHealthy = async () => (await field('ill', '{{.State.Health.Status}}')) === 'healthy' || undefined;
  await waitUntil(isHealthy, { what: 'the health', timeoutMs: 30_000, intervalMs: 100 });
});

test('containers live on under another agent, and keep their users when the setting goes', async () => {
  await docker('run', '-d', '--name', 'kept', '-v', 'kept:/v', 'busybox', 'sleep', '1000');
  await lab.endAgent('SIGKILL');
  await lab.startAgent();
  const look = [
    'exec',
    'kept',
    'sh',
    '-c',
    'touch /v/f /f; stat -c %u /v/f /f /bin; cut -c1-21 /proc/self/uid_map',
  ];
  expect((await docker(...look)).replace(/ +/g, ' ')).toBe('0\n0\n0\n 0 165536\n');

  await lab.endAgent('SIGTERM');
  await lab.configure({ usernsRemap: undefined });
  await lab.startAgent();
  await docker('restart', '-t', '0', 'kept');
  expect((await docker(...look)).replace(/ +/g, ' ')).toBe('0\n0\n0\n 0 165536\n');
  expect(await sh('stat -c %u /bin; cut -c1-21 /proc/self/uid_map', '--privileged')).toMatch(/^0\n +0 +0\n$/);
  expect(await refusal('run', '--rm', '--network', 'container:none-such', 'busybox', 'true')).toContain(
    'No such',
  );
  await rm(`${lab.directory}/hosts-own`, { recursive: true, force: true });
}, 60_000);
