import { readdir, readFile } from 'node:fs/promises';
import { run } from '../../../src/shared/spawn.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

let store: TestStore;
let before: Awaited<ReturnType<typeof kernelState>>;

beforeAll(async () => {
  before = await kernelState();
  store = await createTestStore();
  await store.expectOk(['create', 'life'], { timeoutMs: 300_000 });
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test('create refuses a name that is taken, and changes nothing', async () => {
  const outcome = await store.call(['create', 'life']);

  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('"life" already exists') });
  expect(await store.expectOk(['status', 'life'])).toBe('Running\n');
});

test.each(['-x', 'a_b', 'ä', '.', 'x'.repeat(200)])('create refuses the name "%s"', async (name) => {
  const outcome = await store.call(['create', '--', name]);

  expect(outcome.code).not.toBe(0);
  expect(outcome.stderr).toContain(name.slice(0, 20));
  expect(await store.expectOk(['ls', '--quiet'])).toBe('life\n');
});

test('provision does nothing that is done already: one login, and next to no bytes', async () => {
  await store.expectOk(['provision', 'life']);
  const before = await traffic();

  await store.expectOk(['provision', 'life']);

  const after = await traffic();
  // SSH and the agent once each, and the second look.
  expect(after.accepted - before.accepted).toBe(3);
  expect(after.received - before.received).toBeLessThan(200_000);
});

test('status, ip, url, inspect and config agree', async () => {
  const ip = (await store.expectOk(['ip', 'life'])).trim();

  expect(await store.expectOk(['url', 'life'])).toBe(`tcp://${ip}:2376\n`);
  expect(await store.expectOk(['config', 'life'])).toContain(`-H=tcp://${ip}:2376`);
  expect(await store.expectOk(['inspect', '--format', '{{.Name}}', 'life'])).toBe('life\n');
});

test('ls shows the machine, its state and its address', async () => {
  const [header, row] = (await store.expectOk(['ls'])).split('\n');

  expect(header).toMatch(/^NAME\s+ACTIVE\s+DRIVER\s+STATE\s+URL\s+SWARM\s+DOCKER\s+ERRORS/);
  expect(row).toMatch(/^life\s+[-*]\s+sandbox\s+Running\s+tcp:\/\/[\d.]+:2376/);
});

test('ssh passes the exit code, both outputs and the input through', async () => {
  const outcome = await store.call(['ssh', 'life', 'cat; echo err >&2; exit 7'], { input: 'in\n' });

  expect(outcome).toEqual({ code: 7, stdout: 'in\n', stderr: 'err\n' });
});

test('ssh gives the words to the host as they were typed', async () => {
  expect(await store.expectOk(['ssh', 'life', 'echo', 'a', 'b', 'a', '--help', '-x'])).toBe(
    'a b a --help -x\n',
  );
});

test('ssh leaves other options to the ssh program, which is told the host, the key and the host key', async () => {
  const args = ['ssh', 'life', '-A', '-o', 'SendEnv=NOTHING', 'echo', '"$USER"', 'a', ';', 'exit', '7'];

  const outcome = await store.call(args);

  expect(outcome).toMatchObject({ code: 7, stdout: 'root a\n', stderr: '' });
});

test('use makes a machine active for container commands, and active names it', async () => {
  await store.expectOk(['use', 'life']);

  expect(await store.expectOk(['active'])).toBe('life\n');
  expect(await store.expectOk(['ps', '--quiet'])).toBe('');
});

test('stop and start keep images and containers; both are idempotent', async () => {
  await store.expectOk(['use', 'life']);
  const image = await buildTinyImage(store.path);
  await store.expectOk(['load', '-i', image]);
  await store.expectOk(['run', '--name', 'kept', 'busybox', 'sh', '-c', 'echo written > /file; echo said']);

  await store.expectOk(['stop', 'life']);
  expect(await store.expectOk(['status', 'life'])).toBe('Stopped\n');
  await store.expectOk(['stop', 'life']);
  await store.expectOk(['start', 'life']);
  await store.expectOk(['start', 'life']);

  expect(await store.expectOk(['images', '--format', '{{.Repository}}:{{.Tag}}'])).toBe('busybox:latest\n');
  expect(await store.expectOk(['logs', 'kept'])).toBe('said\n');
  expect(await store.expectOk(['ps', '-a', '--format', '{{.Names}} {{.Status}}'])).toMatch(
    /^kept Exited \(0\)/,
  );
});

test('docker works with what env prints, and not without its certificate', async () => {
  const env = await store.dockerEnv('life');
  const clients = await dockerClients();
  expect(clients.length).toBeGreaterThan(0);

  for (const { path } of clients) {
    const good = await run([path, 'version', '--format', '{{.Server.Os}}'], { env });
    expect(good).toMatchObject({ code: 0, stdout: 'linux\n' });
    const bare = await run([path, '-H', String(env['DOCKER_HOST']), '--tls', 'version'], {
      env: { ...env, DOCKER_CERT_PATH: '/nonexistent', DOCKER_TLS_VERIFY: undefined },
    });
    expect(bare.code).not.toBe(0);
  }
});

test('rm leaves nothing behind: no process, mount, interface, rule, cgroup or file', async () => {
  const record = JSON.parse(await readFile(`${store.path}/machines/life/config.json`, 'utf8'));
  const digits: string = record.driver.instance.id.slice(-8); // the name of its interface has no more of it
  await store.expectOk(['rm', '-y', 'life']);

  expect(await store.expectOk(['ls', '--quiet'])).toBe('');
  expect((await readdir(`${store.path}/machines`)).filter((name) => name.startsWith('life'))).toEqual([]);
  const after = await kernelState();
  // Other tests' sandboxes come and go beside this one: only what is new and carries its id may be blamed.
  for (const [kind, lines] of Object.entries(after)) {
    const old = new Set(before[kind as keyof typeof before]);
    expect({ kind, left: lines.filter((line) => !old.has(line) && line.includes(digits)) }).toEqual({
      kind,
      left: [],
    });
  }
});

async function kernelState() {
  const lines = async (...argv: string[]) => (await run(argv)).stdout.split('\n').filter(Boolean);
  return {
    mounts: (await readFile('/proc/self/mounts', 'utf8')).split('\n'),
    links: await lines('ip', '-o', 'link'),
    processes: await lines('ps', '-eo', 'args'),
    cgroups: await lines('find', '/sys/fs/cgroup', '-type', 'd', '-path', '*tsmachine*'),
    files: await lines('sh', '-c', 'ls /var/lib/tsmachine-sandboxes /run/netns 2>/dev/null'),
  };
}

/** Connections that the host has accepted, and bytes that it has received, as its kernel counts them. */
async function traffic(): Promise<{ readonly accepted: number; readonly received: number }> {
  const counters = await store.expectOk(['ssh', 'life', 'grep ^Tcp: /proc/net/snmp; cat /proc/net/dev']);
  const [names = [], values = []] = counters.split('\n').map((line) => line.split(' '));
  return {
    accepted: Number(values[names.indexOf('PassiveOpens')]),
    received: Number(/eth0:\s*(\d+)/.exec(counters)?.[1]),
  };
}
