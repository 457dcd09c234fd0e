import { readFile } from 'node:fs/promises';
import { run, start } from '../../../src/shared/spawn.js';
import { type BareHost, ensureDebianTree, startBareHost } from '../../support/bare-host.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

// A Debian 12 with nothing but sshd and sudo, reached through a proxy that counts and cuts connections.
const enginePort = 22_376;
let tree: string;
let store: TestStore;
let host: BareHost;
let ssh: TcpProxy;
const resources = new AsyncDisposableStack();

beforeAll(async () => {
  tree = await ensureDebianTree();
  host = resources.use(await startBareHost({ base: tree, user: { name: 'deploy', sudo: true } }));
  store = resources.use(await createTestStore());
  ssh = resources.use(await startTcpProxy(host.address, host.port));
  resources.use(await startTcpProxy(host.address, enginePort, enginePort));
}, 600_000);
afterAll(() => resources[Symbol.asyncDispose](), 60_000);

const reach = (user: string) => [
  ...['--driver', 'ssh', '--ssh-host', '127.0.0.1', '--ssh-port', String(ssh.port), '--ssh-user', user],
  ...['--ssh-key', host.keyFile, '--ssh-engine-port', String(enginePort)],
];

describe('a bare host', () => {
  test('becomes a container host although the connection breaks in the middle of each step', async () => {
    const broken = [
      await cutAt('Installing packages', ['create', ...reach('deploy'), 'bare']),
      await cutAt('Sending Node', ['provision', 'bare']),
      await cutAt('Sending the agent', ['provision', 'bare']),
      await cutAt('Installing certificates', ['provision', 'bare']),
      await cutAt('Starting the agent', ['provision', 'bare']),
    ];
    expect(broken.slice(0, 2)).toEqual([true, true]);

    await store.expectOk(['provision', 'bare']);

    expect(await store.expectOk(['status', 'bare'])).toBe('Running\n');
    await expectDockerRuns('bare');
  }, 400_000);

  test('is not sent anything again by provision, which takes under 2 s and one connection', async () => {
    const { sessions, sent } = ssh;
    const durations: number[] = [];
    // Other tests load the machine now and then.
    while (durations.length < 3 || (durations.length < 12 && Math.min(...durations) >= 2000)) {
      const began = performance.now();
      await store.expectOk(['provision', 'bare']);
      durations.push(performance.now() - began);
    }

    expect(Math.min(...durations)).toBeLessThan(2000);
    expect(ssh.sessions - sessions).toBe(durations.length);
    expect(ssh.sent - sent).toBeLessThan(50_000 * durations.length);
  });

  test('is made a machine over one SSH connection when it is ready, by root too', async () => {
    await store.expectOk(['rm', '-f', 'bare']);
    const { sessions } = ssh;

    await store.expectOk(['create', ...reach('root'), 'again']);

    expect(ssh.sessions - sessions).toBe(1);
    await expectDockerRuns('again');
  }, 200_000);

  test('is refused when another host answers in its place', async () => {
    await using other = await startBareHost({ base: tree });
    await other.exec(
      ['sh', '-c', 'cat >>/root/.ssh/authorized_keys'],
      await readFile(`${host.keyFile}.pub`, 'utf8'),
    );
    ssh.retarget(other.address, other.port);

    const outcome = await store.call(['ssh', 'again', 'true']);

    ssh.retarget(host.address, host.port);
    expect(outcome.code).toBe(255);
    expect(outcome.stderr).toMatch(/host key/i);
    await store.expectOk(['ssh', 'again', 'true']);
  });
});

describe('create on a host that cannot become one', () => {
  test.each([
    ['an unreachable host', ['--ssh-host', '10.212.0.250'], /10\.212\.0\.250/],
    ['a name that does not resolve', ['--ssh-host', 'no-such-host.invalid'], /no-such-host\.invalid/],
    ['a port where nobody listens', ['--ssh-host', '127.0.0.1', '--ssh-port', '1'], /127\.0\.0\.1:1|port 1/],
  ])('refuses %s and leaves no record', async (_, flags, words) => {
    const outcome = await store.call(['create', '--driver', 'ssh', ...flags, 'lost']);

    expect(outcome.code).toBe(3);
    expect(outcome.stderr).toMatch(words);
    expect(await store.expectOk(['ls', '--quiet'])).not.toContain('lost');
  });

  test('refuses a key that the host does not accept', async () => {
    await using other = await startBareHost({ base: tree });

    const outcome = await store.call([
      ...['create', '--driver', 'ssh', '--ssh-host', other.address, '--ssh-key', host.keyFile, 'refused'],
    ]);

    expect(outcome.code).toBe(1);
    expect(outcome.stderr).toMatch(/root.*refused|authenticat|accept/i);
    await store.expectOk(['rm', '-f', 'refused']);
  });

  test.each([
    ['a user without sudo', 'guest', 'true', /sudo/],
    [
      'a system that is not Linux',
      'root',
      'printf "#!/bin/sh\\necho Darwin\\n" >/usr/local/bin/uname; chmod 755 /usr/local/bin/uname',
      /Darwin/,
    ],
    [
      'an unknown distribution',
      'root',
      'rm -f /etc/os-release; printf "ID=mystery\\nPRETTY_NAME=\\"Mystery OS\\"\\n" >/etc/os-release',
      /Mystery OS.*package manager/s,
    ],
    [
      'a package manager that fails',
      'root',
      'rm -f /etc/apt/sources.list.d/*; echo "deb http://127.0.0.1:9/debian bookworm main" >/etc/apt/sources.list; rm -rf /var/lib/apt/lists/*',
      /apt-get/,
    ],
    [
      'a full disk',
      'root',
      'mount -t tmpfs -o size=50m tmpfs /opt; for c in crun conmon ip nft; do printf "#!/bin/sh\\n" >/usr/local/bin/$c; chmod 755 /usr/local/bin/$c; done',
      /space/,
    ],
  ])(
    'says what is wrong with %s, and leaves nothing that rm does not remove',
    async (_, user, prepare, words) => {
      await using other = await startBareHost({ base: tree, user: { name: 'guest', sudo: false } });
      expect(await other.exec(['sh', '-c', prepare])).toMatchObject({ code: 0 });

      const outcome = await store.call([
        ...['create', '--driver', 'ssh', '--ssh-host', other.address, '--ssh-user', user],
        ...['--ssh-key', other.keyFile, 'unfit'],
      ]);

      expect(outcome.code).toBe(1);
      expect(outcome.stderr).toMatch(words);
      await store.call(['rm', '-f', 'unfit']);
      expect(await store.expectOk(['ls', '--quiet'])).not.toContain('unfit');
      expect((await other.exec(['sh', '-c', 'ls -d /opt/tsmachine/node/* /etc/tsmachine'])).stdout).toBe('');
    },
  );
});

/** Runs the CLI and cuts its connections as soon as it says that it has come to this step. Answers whether it failed. */
async function cutAt(title: string, args: readonly string[]): Promise<boolean> {
  const child = start(['bin/tsmachine.cjs', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: store.env,
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  let text = '';
  let cut = false;
  child.stderr?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
    if (cut || !text.includes(title)) return;
    cut = true;
    setTimeout(() => ssh.cut(), 50);
  });
  return (await exited) !== 0;
}

async function expectDockerRuns(machine: string): Promise<void> {
  const env = await store.dockerEnv(machine);
  const image = await buildTinyImage(store.path);
  for (const { path } of await dockerClients()) {
    expect(await run([path, 'load', '-i', image], { env })).toMatchObject({ code: 0 });
    const outcome = await run([path, 'run', '--rm', 'busybox', 'echo', 'hello'], { env });
    expect(outcome).toMatchObject({ code: 0, stdout: 'hello\n' });
  }
}
