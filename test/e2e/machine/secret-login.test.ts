import { readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { type BareHost, ensureDebianTree, startBareHost } from '../../support/bare-host.js';
import { temporaryDirectory } from '../../support/temporary-directory.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

// A Debian 12 where ada has a password, for the login and for sudo, and no key of ours.
let store: TestStore;
let host: BareHost;
let directory: string;
const resources = new AsyncDisposableStack();
const password = 'analytical engine';

beforeAll(async () => {
  const base = await ensureDebianTree();
  host = resources.use(await startBareHost({ base, user: { name: 'ada', sudo: false } }));
  store = resources.use(await createTestStore());
  directory = resources.use(await temporaryDirectory()).path;
  await inHost('chpasswd', `ada:${password}\n`);
  await inHost('cat >/etc/sudoers.d/ada && rm -r /home/ada/.ssh', 'ada ALL=(ALL) ALL\n');
  // One more sshd, which takes passwords and is there after a reboot too.
  await inHost(
    'mkdir -p /etc/local.d && cat >/etc/local.d/sshd.start && chmod 755 /etc/local.d/sshd.start && /etc/local.d/sshd.start',
    '#!/bin/sh\nmkdir -p /run/sshd; /usr/sbin/sshd -o Port=22000 -o PasswordAuthentication=yes -o PidFile=none\n',
  );
}, 600_000);
afterAll(() => resources[Symbol.asyncDispose](), 60_000);

const create = ['create', '--driver', 'ssh', '--ssh-user', 'ada', '--ssh-port', '22000'];
const quiet = { SSH_AUTH_SOCK: '', HOME: '/nonexistent' };

test('without a terminal the error says how to give the password, and nothing is left', async () => {
  const { code, stderr } = await store.call([...create, '--ssh-host', host.address, 'web'], { env: quiet });

  expect(code).toBe(1);
  expect(stderr).toMatch(/no terminal to ask for the password on/);
  expect(stderr).toMatch(/--ssh-password-file/);
  expect(await store.expectOk(['ls', '-q'])).toBe('');
});

test('a password in a file logs in, becomes root with sudo, and is nowhere in the store', async () => {
  const file = join(directory, 'password');
  await writeFile(file, `${password}\n`, { mode: 0o600 });

  await store.expectOk([...create, '--ssh-host', host.address, '--ssh-password-file', file, 'web'], {
    env: quiet,
    timeoutMs: 200_000,
  });

  expect(await store.expectOk(['ssh', 'web', 'id', '-un'], { env: quiet })).toBe('ada\n');
  const [docker] = await dockerClients();
  const info = await run([docker?.path ?? 'docker', 'version', '--format', '{{.Server.Version}}'], {
    env: await store.dockerEnv('web'),
  });
  expect(info).toMatchObject({ code: 0 });
  const kept = join(store.path, 'machines/web');
  for (const name of await readdir(kept)) {
    expect(await readFile(join(kept, name), 'utf8')).not.toContain(password);
  }
}, 250_000);

test('a store that was moved still logs in with its keys, by records of before too', async () => {
  const way = ['--driver', 'ssh', '--ssh-host', host.address, '--ssh-key', host.keyFile];
  await store.expectOk(['create', ...way, 'keyed'], { env: quiet });
  const record = join(store.path, 'machines/keyed/config.json');
  const relative = await readFile(record, 'utf8');
  expect(relative).not.toContain(store.path);
  const moved = `${store.path}-moved`;
  await rename(store.path, moved);
  try {
    const env = { ...quiet, TSMACHINE_STORAGE_PATH: moved };
    expect(await store.expectOk(['ssh', 'keyed', 'id', '-un'], { env })).toBe('root\n');
    expect(await store.expectOk(['env', '--shell', 'sh', 'keyed'], { env })).toContain(
      `"${moved}/machines/keyed"`,
    );

    const before = relative.replace('"id_ssh"', JSON.stringify(join(store.path, 'machines/keyed/id_ssh')));
    expect(before).not.toBe(relative);
    await writeFile(join(moved, 'machines/keyed/config.json'), before);
    expect(await store.expectOk(['ssh', 'keyed', 'id', '-un'], { env })).toBe('root\n');
  } finally {
    await rename(moved, store.path);
  }
}, 60_000);

test('restart reboots the host over SSH', async () => {
  await inHost(
    'cat >/usr/sbin/shutdown && chmod 755 /usr/sbin/shutdown',
    '#!/bin/sh\necho "$@" >/var/tmp/shutdown\n',
  );
  let ended = false;
  const restarting = store.call(['restart', 'web'], { env: quiet, timeoutMs: 100_000 });
  restarting.finally(() => {
    ended = true;
  });
  for (let told = ''; told !== '-r now\n' && !ended; )
    told = (await host.exec(['cat', '/var/tmp/shutdown'])).stdout;
  await host.stop();
  await host.start();

  expect(await restarting).toMatchObject({ code: 0 });
  expect(await store.expectOk(['status', 'web'])).toBe('Running\n');
}, 150_000);

test('driver none works on an engine by URL and certificates, and refuses what needs a host', async () => {
  const certificates = join(store.path, 'machines/web');
  const url = `tcp://${host.address}:2376`;
  const files = ['ca', 'cert', 'key'].flatMap((name) => [
    `--none-${name}`,
    join(certificates, `${name}.pem`),
  ]);

  await store.expectOk(['create', '-d', 'none', `--url=${url}`, ...files, 'far']);

  expect(await store.expectOk(['url', 'far'])).toBe(`${url}\n`);
  expect(await store.expectOk(['status', 'far'])).toBe('Running\n');
  const [docker] = await dockerClients();
  const version = await run([docker?.path ?? 'docker', 'version'], { env: await store.dockerEnv('far') });
  expect(version).toMatchObject({ code: 0 });
  for (const verb of ['start', 'stop', 'kill', 'restart']) {
    expect(await store.call([verb, 'far'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/driver none cannot \w+ a host/),
    });
  }
  expect(await store.call(['provision', 'far'])).toMatchObject({ code: 1 });
  expect((await store.call(['ssh', 'far', 'true'])).stderr).toMatch(/knows no way into the host/);
  await store.expectOk(['rm', '-y', 'far']);
  expect(await store.call(['create', '-d', 'none', '--url', 'unix:///run/docker.sock', 'far'])).toMatchObject(
    {
      code: 3,
      stderr: expect.stringContaining('is no address of an engine'),
    },
  );
}, 60_000);

test('a host behind a firewall that drops everything is given up at one deadline', async () => {
  await inHost(
    'nft -f -',
    'table inet test { chain input { type filter hook input priority 0; tcp dport 22001 drop; }; }\n',
  );
  const began = performance.now();

  const outcome = await store.call([
    'create',
    '-d',
    'ssh',
    '--ssh-host',
    host.address,
    '--ssh-port',
    '22001',
    'dark',
  ]);

  expect(outcome).toMatchObject({ code: 3, stderr: expect.stringMatching(/cannot reach ".*:22001"/) });
  expect(performance.now() - began).toBeLessThan(25_000);
  expect(await store.expectOk(['ls', '-q', '--filter', 'name=dark'])).toBe('');
}, 60_000);

async function inHost(command: string, input?: string): Promise<void> {
  const { code, stderr } = await host.exec(['sh', '-c', command], input);
  if (code !== 0) throw new Error(`"${command}": ${stderr}`);
}
