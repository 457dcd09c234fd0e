import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, run } from '../../../src/shared/spawn.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

// What the flags of `docker run` are for, seen from inside the container or from the host's control groups.
const clients = await dockerClients();
let store: TestStore;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'engine'], { timeoutMs: 300_000 });
  env = await store.dockerEnv('engine');
  await store.expectOk(['load', '-m', 'engine', '-i', await buildTinyImage(store.path)]);
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

async function onHost(script: string): Promise<string> {
  return (await store.call(['ssh', 'engine', script])).stdout;
}

type Effect = readonly [flags: string, script: string, expected: string | RegExp];

const effects: readonly Effect[] = [
  ['--read-only', 'touch /x 2>&1', /Read-only file system/],
  ['--read-only --tmpfs /tmp:size=1m', 'touch /tmp/x && df -k /tmp | tail -1', / 1024 /],
  [
    '--hostname box --domainname example.org',
    'hostname; cat /proc/sys/kernel/domainname',
    'box\nexample.org\n',
  ],
  ['--user 1000:1001 --group-add 5', 'id', /uid=1000 gid=1001 groups=5.*1001/],
  ['--workdir /etc', 'pwd', '/etc\n'],
  ['--env A=b --env C', 'echo $A$C', 'b\n'],
  ['--ulimit nofile=64:128', 'ulimit -n; ulimit -Hn', '64\n128\n'],
  ['--sysctl net.ipv4.ip_forward=0', 'cat /proc/sys/net/ipv4/ip_forward', '0\n'],
  ['--shm-size 1m', 'df -k /dev/shm | tail -1', / 1024 /],
  ['--oom-score-adj 500', 'cat /proc/self/oom_score_adj', '500\n'],
  ['--security-opt no-new-privileges', 'grep NoNewPrivs /proc/self/status', /1/],
  ['--cap-drop ALL', 'grep CapEff /proc/self/status', /0{16}/],
  ['--cap-drop ALL --cap-add CHOWN', 'grep CapBnd /proc/self/status', /0{15}1/],
  ['--cap-add NET_ADMIN', 'ip link set lo down && echo down', 'down\n'],
  ['', 'ip link set lo down 2>&1', /not permitted/],
  ['', 'grep Seccomp: /proc/self/status', /2/],
  ['--security-opt seccomp=unconfined', 'grep Seccomp: /proc/self/status', /0/],
  ['', 'wc -c </proc/keys; echo 1 >/proc/sys/vm/drop_caches', /^0\n.*Read-only file system/],
  ['--security-opt systempaths=unconfined', 'grep -c "/proc/sys " /proc/self/mounts', '0\n'],
  ['--pid host', 'test $(ls -d /proc/[0-9]* | wc -l) -gt 3 && echo many', 'many\n'],
  ['--uts host', 'hostname', 'engine\n'],
  ['--network none', 'ls /sys/class/net', 'lo\n'],
  ['--network host', 'ls /sys/class/net', /tsm0/],
  ['--ipc none', 'grep -c " /dev/shm " /proc/self/mounts', '0\n'],
  ['--memory 32m', 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes', '33554432\n'],
  [
    '--memory 32m --memory-reservation 16m',
    'cat /sys/fs/cgroup/memory/memory.soft_limit_in_bytes',
    '16777216\n',
  ],
  ['--memory 32m --memory-swap 64m', 'cat /sys/fs/cgroup/memory/memory.memsw.limit_in_bytes', '67108864\n'],
  ['--memory-swappiness 10', 'cat /sys/fs/cgroup/memory/memory.swappiness', '10\n'],
  ['--memory 32m --oom-kill-disable', 'head -1 /sys/fs/cgroup/memory/memory.oom_control', /disable 1/],
  ['--cpus 0.5', 'cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us', '50000\n'],
  ['--cpu-shares 100', 'cat /sys/fs/cgroup/cpu/cpu.shares', '100\n'],
  ['--cpuset-cpus 0', 'cat /sys/fs/cgroup/cpuset/cpuset.cpus', '0\n'],
  ['--pids-limit 20', 'cat /sys/fs/cgroup/pids/pids.max', '20\n'],
  ['--device /dev/loop0:/dev/disk:r', 'ls /dev/disk; echo x >/dev/disk', /disk\n.*not permitted/],
  [
    '--device-read-bps /dev/loop0:1mb',
    'cat /sys/fs/cgroup/blkio/blkio.throttle.read_bps_device',
    '7:0 1048576\n',
  ],
  ['--privileged', 'test -b /dev/loop0 && mount -t tmpfs t /tmp && echo mounted', 'mounted\n'],
  ['--init', 'cat /proc/1/comm', /init/],
  ['--mount type=bind,src=/etc,dst=/mnt,readonly', 'touch /mnt/x 2>&1', /Read-only/],
  ['--runtime runc', 'echo ran', 'ran\n'],
  [
    '--storage-opt size=16m',
    'dd if=/dev/zero of=/x bs=1M count=32; du -m /x',
    /^1\d\t\/x\n.*No space left on device/,
  ],
  ['--cgroup-parent /crowd', 'cat /proc/self/cgroup', /:memory:\/crowd\/[0-9a-f]{64}\n/],
];

describe.each(clients)('docker $version', ({ path }) => {
  const docker = (...args: string[]): Promise<CommandResult> =>
    run([path, ...args], { env, timeoutMs: 60_000 });

  test.each(effects)('run %s: %s', async (flags, script, expected) => {
    const words = flags.split(' ').filter(Boolean);
    const outcome = await docker('run', '--rm', ...words, 'busybox', 'sh', '-c', script);

    const said = outcome.stdout + (expected instanceof RegExp ? outcome.stderr : '');
    if (expected instanceof RegExp) expect(said).toMatch(expected);
    else expect(said).toBe(expected);
  });

  test('a seccomp profile of the user decides what a container may call', async () => {
    const file = join(store.path, 'no-mkdir.json');
    await writeFile(
      file,
      JSON.stringify({
        defaultAction: 'SCMP_ACT_ALLOW',
        syscalls: [{ names: ['mkdir', 'mkdirat'], action: 'SCMP_ACT_ERRNO', errnoRet: 1 }],
      }),
    );
    const words = ['run', '--rm', '--security-opt', `seccomp=${file}`, 'busybox'];

    expect(await docker(...words, 'mkdir', '/x')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Operation not permitted'),
    });
    expect((await docker(...words, 'touch', '/x')).code).toBe(0);
  });

  test('--ipc container:NAME refuses a donor that does not share', async () => {
    await docker('run', '-d', '--name', 'miser', 'busybox', 'sleep', '60');
    const refused = await docker('run', '--rm', '--ipc', 'container:miser', 'busybox', 'true');
    await docker('rm', '-f', 'miser');

    expect(refused.stderr).toContain('non-shareable IPC');
  });

  test('--ipc shareable shows its /dev/shm to those who join, after its end too', async () => {
    const share = 'echo shared >/dev/shm/note && exec sleep 60';
    await docker(
      'run',
      '-d',
      '--name',
      'donor',
      '--ipc',
      'shareable',
      '--shm-size',
      '1m',
      'busybox',
      'sh',
      '-c',
      share,
    );
    const join = ['--ipc', 'container:donor', 'busybox', 'sh', '-c'];
    const joined = await docker('run', '--rm', ...join, 'cat /dev/shm/note; df -k /dev/shm | tail -1');
    await docker('run', '-d', '--name', 'heir', ...join, 'sleep 60');
    await docker('rm', '-f', 'donor');
    const kept = await docker('exec', 'heir', 'cat', '/dev/shm/note');
    await docker('rm', '-f', 'heir');

    expect(joined.stdout).toMatch(/^shared\n.* 1024 /);
    expect(kept.stdout).toBe('shared\n');
    expect(await onHost('ls /run/tsmachine/shm; grep -c /tsmachine/shm/ /proc/mounts')).toBe('0\n');
  });

  test('crun and runc have containers side by side, and other runtimes are refused', async () => {
    const flags = ['--label', 'pair', '-d', 'busybox', 'sleep', '60'];
    const [first, second] = [
      await docker('run', ...flags),
      await docker('run', '--runtime', 'runc', ...flags),
    ];
    const ids = [first.stdout.trim(), second.stdout.trim()];
    const ran = await Promise.all(ids.map((id) => docker('exec', id, 'echo', 'ran')));
    const unknown = await docker('run', '--runtime', 'kata', 'busybox', 'true');
    const info = await docker('info', '--format', '{{.DefaultRuntime}} {{json .Runtimes}}');
    const held = await onHost('ls /run/tsmachine/runc/containers');
    await docker('rm', '-f', ...ids);

    expect(ran.map(({ stdout }) => stdout)).toEqual(['ran\n', 'ran\n']);
    expect(held).toBe(`${ids[1]}\n`);
    expect(unknown.stderr).toContain('unknown or invalid runtime name: kata');
    expect(info.stdout).toMatch(/^crun .*"crun":.*"runc":/);
  });

  test('a limit of the network bandwidth holds for what a container receives and sends', async () => {
    const serve = ['busybox', 'nc', '-ll', '-p', '9000', '-e', 'sh', '-c', 'cat >/dev/null'];
    const limit = ['--label', 'tsmachine.network.bandwidth=40mbit/8mbit'];
    await docker('run', '-d', '--name', 'free', ...serve);
    await docker('run', '-d', '--name', 'slow', ...limit, ...serve);
    const seconds = async (from: string, to: string): Promise<number> => {
      const format = '{{.NetworkSettings.IPAddress}}';
      const address = (await docker('inspect', '--format', format, to)).stdout.trim();
      const send = `until dd if=/dev/zero bs=1M count=2 | nc ${address} 9000; do :; done`;
      const before = performance.now();
      expect((await docker('exec', from, 'sh', '-c', send)).code).toBe(0);
      return (performance.now() - before) / 1000;
    };
    // 16 Mbit: 2 s at 8, 0.4 at 40, as good as nothing without a limit.
    expect(await seconds('slow', 'free')).toBeGreaterThan(1.6);
    const received = await seconds('free', 'slow');
    expect(received).toBeGreaterThan(0.3);
    expect(received).toBeLessThan(1.6);
    await docker('rm', '-f', 'free', 'slow');

    expect(await onHost('ip -brief link show type ifb')).not.toMatch(/tsi/);
  });

  test.each(['fast', '10mbit/5mbit/1mbit', '/', '1bit'])('refuses "%s" as a bandwidth', async (text) => {
    const label = `tsmachine.network.bandwidth=${text}`;

    expect((await docker('run', '--rm', '--label', label, 'busybox', 'true')).stderr).toContain(
      `invalid tsmachine.network.bandwidth "${text}"`,
    );
  });

  test('what the host cannot give is left out with a warning, and the container runs', async () => {
    const outcome = await docker('run', '--rm', '--oom-score-adj', '-900', 'busybox', 'echo', 'ran');

    expect(outcome.stdout).toBe('ran\n');
    expect(outcome.stderr).toMatch(/WARNING: .*OOM score adjustment of -900/);
  });

  test('a container that asks for more memory than it may have is killed with 137', async () => {
    const script = 'x=a; while true; do x="$x$x"; done';
    const outcome = await docker('run', '--rm', '--memory', '16m', 'busybox', 'sh', '-c', script);

    expect(outcome.code).toBe(137);
  });
});
