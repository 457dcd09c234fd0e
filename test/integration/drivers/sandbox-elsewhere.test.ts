import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';
import { runOrThrow } from '../../../src/shared/spawn.js';
import type { Outputs } from './support/try-sandbox.js';

const root = join(import.meta.dirname, '../../..');
// Inside the package, since the driver looks for its templates upwards.
const cache = join(root, `node_modules/.cache/tsmachine-test-${process.pid}`);
const program = join(cache, 'try-sandbox.mjs');

beforeAll(async () => {
  await mkdir(cache, { recursive: true });
  const entry = join(import.meta.dirname, 'support/try-sandbox.ts');
  await build({ entryPoints: [entry], outfile: program, bundle: true, platform: 'node', format: 'esm' });
});
afterAll(() => rm(cache, { recursive: true }));

interface Elsewhere {
  /** Option of unshare. */
  readonly unshare: string;
  /** Shell commands that change the new namespaces, and look at them when all is over. */
  readonly before: string;
  readonly after?: string;
  /** In the sandbox, in the sandbox after a restart, and beside it. */
  readonly commands: readonly [string, string, string];
  readonly subnet: string;
}

/** Outputs of the commands, then that of `after`. */
async function trySandbox({
  unshare,
  before,
  after,
  commands,
  subnet,
}: Elsewhere): Promise<readonly string[]> {
  const script = `${before}\n"$@"\n${after ?? ''}`;
  const { stdout } = await runOrThrow(
    ['unshare', unshare, 'sh', '-ec', script, 'sh', process.execPath, program, subnet, ...commands],
    { timeoutMs: 60_000 },
  );
  const end = stdout.indexOf('\n') + 1;
  const outputs: Outputs = JSON.parse(stdout.slice(0, end));
  return [...outputs, stdout.slice(end)];
}

test('a sandbox sees file systems that this machine has mounted in its root, and keeps changes to them', async () => {
  const outputs = await trySandbox({
    unshare: '--mount',
    before: `mount -t tmpfs -o mode=751 test /opt
             mkdir /opt/tsmachine
             echo base >/opt/base`,
    commands: ['cd /opt; cat base; ls; stat -c %a .; echo new >own', 'cat /opt/own', 'ls /opt'],
    subnet: '10.208.0.0/24',
  });

  expect(outputs).toEqual(['base\nbase\n751\n', 'new\n', 'base\ntsmachine\n', '']);
});

test('a sandbox lets itself through where forwarding is dropped, and takes its rules along', async () => {
  const outputs = await trySandbox({
    unshare: '--net',
    before: `ip link set lo up
             iptables -P FORWARD DROP`,
    after: 'iptables -S FORWARD; nft list tables; ip -br link | grep -c tsm || true',
    commands: ['echo up', 'echo again', 'iptables -S FORWARD'],
    subnet: '10.209.0.0/24',
  });

  expect(outputs).toEqual([
    'up\n',
    'again\n',
    expect.stringMatching(
      /^-P FORWARD DROP\n-A FORWARD -o tsmt.* -j ACCEPT\n-A FORWARD -i tsmt.* -j ACCEPT\n$/,
    ),
    '-P FORWARD DROP\ntable ip filter\n0\n',
  ]);
});

test('a sandbox boots on a machine with cgroup v2 alone', async () => {
  const outputs = await trySandbox({
    unshare: '--mount',
    before: `umount -R /sys/fs/cgroup
             mount -t cgroup2 cgroup2 /sys/fs/cgroup`,
    commands: [
      'stat -f -c %T /sys/fs/cgroup; tail -n 1 /proc/1/cgroup; mkdir /sys/fs/cgroup/below',
      'head -n 1 /sys/fs/cgroup/init/cgroup.procs',
      'true',
    ],
    subnet: '10.210.0.0/24',
  });

  expect(outputs).toEqual(['cgroup2fs\n0::/init\n', '1\n', '', '']);
});
