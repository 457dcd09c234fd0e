import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { openConnection } from '../../../src/drivers/libvirt/native/open-connection.js';
import { run } from '../../../src/shared/spawn.js';
import { endedCreate } from '../../support/ended-create.js';
import { ensureQuickGuest } from '../../support/guest/quick-guest.js';
import { type Libvirtd, startLibvirtd } from '../../support/libvirtd.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

// A guest that is really booted, by QEMU's emulation where KVM is not to be had.
let libvirtd: Libvirtd;
let store: TestStore;
let flags: readonly string[];
const resources = new AsyncDisposableStack();

beforeAll(async () => {
  const guest = await ensureQuickGuest();
  libvirtd = resources.use(await startLibvirtd());
  store = resources.use(await createTestStore());
  flags = ['--driver', 'libvirt', '--libvirt-uri', libvirtd.qemuUri, ...guest];
}, 900_000);
afterAll(() => resources[Symbol.asyncDispose](), 120_000);

const making = [
  'Running pre-create checks',
  'Creating machine',
  'Making the disks',
  'Booting',
  'Waiting for SSH',
];

test('create that is ended at each step of making a domain leaves what rm removes', async () => {
  // The driver's conformance test ends it at each of its checkpoints as well.
  for (const [index, at] of making.entries()) {
    for (const signal of ['SIGKILL', index % 2 === 0 ? 'SIGINT' : 'SIGTERM'] as const) {
      await endedCreate(store, [...flags, 'ended'], at, signal);
      const listed: readonly { name: string }[] = JSON.parse(await store.expectOk(['ls', '--json']));
      if ((await ownedBy('ended')).length > 0) expect(listed).toMatchObject([{ name: 'ended' }]);
      if (listed.length > 0) await store.expectOk(['rm', '-y', 'ended']);
      expect(await ownedBy('ended')).toEqual([]);
    }
  }
}, 300_000);

test('create that was ended is finished by --resume, a container host is made of it, and docker works there on cgroup v2', async () => {
  await endedCreate(store, [...flags, 'web'], 'Waiting for SSH', 'SIGTERM');
  await store.expectOk(['create', '--resume', 'web'], { timeoutMs: 400_000 });
  const env = await store.dockerEnv('web');
  const image = await buildTinyImage(store.path);
  const [client] = await dockerClients();
  if (!client) throw new Error('no docker client');

  expect(env['DOCKER_HOST']).toMatch(/^tcp:\/\/127\.0\.0\.1:2\d{4}$/);
  await expectRun([client.path, 'load', '-i', image], env, /busybox:latest/);
  await expectRun(
    [client.path, 'run', '--name', 'kept', 'busybox', 'cat', '/proc/self/cgroup'],
    env,
    /^0::\//,
  );
}, 460_000);

test('the host is known by the key that it was given, from the first connection on', async () => {
  const record = JSON.parse(await readFile(join(store.path, 'machines', 'web', 'config.json'), 'utf8'));

  expect(record.hostKey).toBe(record.driver.instance.hostKey);
  expect(
    await store.expectOk([
      'ssh',
      'web',
      'sudo ssh-keygen -y -f /etc/ssh/ssh_host_ed25519_key | cut -d " " -f 1,2; hostname',
    ]),
  ).toBe(`${record.hostKey}\nweb\n`);
});

test('suspend stops its processors, and resume goes on', async () => {
  await store.expectOk(['suspend', 'web']);
  expect(await store.expectOk(['status', 'web'])).toBe('Paused\n');

  await store.expectOk(['resume', 'web']);

  expect(await store.expectOk(['status', 'web'])).toBe('Running\n');
}, 200_000);

test('a snapshot brings back files and memory', async () => {
  await store.expectOk([
    'ssh',
    'web',
    'echo before > state; setsid sleep 1000 </dev/null >/dev/null 2>&1 & echo $! > pid',
  ]);
  await store.expectOk(['snapshot', 'create', 'web', 'good']);
  await store.expectOk(['ssh', 'web', 'kill $(cat pid); rm state']);

  await store.expectOk(['snapshot', 'restore', 'web', 'good'], { timeoutMs: 200_000 });

  expect(await store.expectOk(['ssh', 'web', 'cat state; kill -0 $(cat pid) && echo alive'])).toBe(
    'before\nalive\n',
  );
  await store.expectOk(['snapshot', 'rm', 'web', 'good']);
}, 300_000);

test('stop and start keep images and containers', async () => {
  await store.expectOk(['stop', 'web'], { timeoutMs: 200_000 });
  expect(await store.expectOk(['status', 'web'])).toBe('Stopped\n');

  await store.expectOk(['start', 'web'], { timeoutMs: 300_000 });

  expect(await store.expectOk(['logs', '-m', 'web', 'kept'])).toMatch(/^0::\//);
}, 500_000);

test('rm leaves no domain, no disk and no QEMU', async () => {
  await store.expectOk(['rm', '-y', 'web']);

  expect(await ownedBy('web')).toEqual([]);
  expect(
    (await run(['ps', '-eo', 'args'])).stdout.split('\n').filter((line) => line.includes('-web-')),
  ).toEqual([]);
});

/** Names of domains and volumes that belong to the machine. */
async function ownedBy(machine: string): Promise<readonly string[]> {
  await using connection = await openConnection(libvirtd.qemuUri);
  const names = (await connection.domains()).map(({ name }) => name);
  for (const pool of await connection.storagePools()) {
    await pool.refresh();
    names.push(...(await pool.volumes()).map(({ name }) => name));
  }
  return names.filter((name) => name.includes(`-${machine}-`));
}

async function expectRun(argv: readonly string[], env: NodeJS.ProcessEnv, output: RegExp): Promise<void> {
  const outcome = await run(argv, { env, timeoutMs: 100_000 });
  expect(outcome).toMatchObject({ code: 0, stdout: expect.stringMatching(output) });
}
