import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exitOf, run, start } from '../../../src/shared/spawn.js';
import { startRegistry, type TestRegistry } from '../../support/registry.js';
import { tinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

const machine = 'puller';
const launcher = resolve('bin/tsmachine.cjs');

let store: TestStore;
let registry: TestRegistry | undefined;
let tunnel: AsyncDisposable | undefined;

beforeAll(async () => {
  store = await createTestStore();
  registry = await startRegistry();
  await store.expectOk(['create', machine], { timeoutMs: 300_000 });
  await store.expectOk(['use', machine]);
  const { config, layer } = await tinyImage();
  await registry.push('team/app', '1', { config, layers: [layer] });
  await registry.push('team/app', 'latest', { config, layers: [layer] });
  tunnel = await tunnelTo(registry.host, 5005);
}, 320_000);
afterAll(async () => {
  await tunnel?.[Symbol.asyncDispose]();
  await registry?.[Symbol.asyncDispose]();
  await store[Symbol.asyncDispose]();
});

/** What the registry's images are called on the machine: its loopback leads to the registry of this test. */
const remote = 'localhost:5005/team/app';

test('run pulls what is missing, shows it on stderr, and only once', async () => {
  const first = await store.call(['run', '--rm', `${remote}:1`, 'echo', 'ran']);
  const second = await store.call(['run', '--rm', `${remote}:1`, 'echo', 'again']);

  expect(first).toMatchObject({ code: 0, stdout: 'ran\n' });
  expect(first.stderr).toContain(`Unable to find image '${remote}:1' locally\n`);
  expect(first.stderr).toMatch(/^[0-9a-f]{12}: Pull complete$/m);
  expect(first.stderr).toContain(`Status: Downloaded newer image for ${remote}:1\n`);
  expect(second).toEqual({ code: 0, stdout: 'again\n', stderr: '' });
});

test('pull says which tag it takes and what it got; -q prints the name only', async () => {
  const { code, stdout, stderr } = await store.call(['pull', remote]);

  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/^Using default tag: latest\nlatest: Pulling from team\/app\n/);
  expect(stdout).toMatch(/^Digest: sha256:[0-9a-f]{64}$/m);
  expect(stdout.endsWith(`\n${remote}:latest\n`)).toBe(true);
  expect(await store.expectOk(['pull', '-q', `${remote}:1`])).toBe(`${remote}:1\n`);
  expect(JSON.parse(await store.expectOk(['pull', '--json', remote]))).toEqual({ image: `${remote}:latest` });
});

test('pull rewrites the line of each layer on a terminal', async () => {
  const [docker] = await dockerClients();
  const env = await store.dockerEnv(machine);
  await run([docker?.path ?? 'docker', 'rmi', `${remote}:1`, `${remote}:latest`], { env });

  const script = `script -qec 'stty cols 130; "$TSMACHINE" pull ${remote}:1' /dev/null`;
  const terminal = await run(['bash', '-c', script], { env: { ...store.env, TSMACHINE: launcher } });

  expect(terminal.code).toBe(0);
  expect(terminal.stdout).toContain('\u001b[1A\u001b[2K\r');
  expect(terminal.stdout).toMatch(/[0-9a-f]{12}: Downloading \[=*> *\] +[\d.]+[kM]?B\/[\d.]+[kM]?B/);
  expect(terminal.stdout).toContain(`Status: Downloaded newer image for ${remote}:1`);
});

test('compose pull shows each layer below its service on a terminal, and lines elsewhere', async () => {
  const [docker] = await dockerClients();
  const env = await store.dockerEnv(machine);
  await run([docker?.path ?? 'docker', 'rmi', '-f', `${remote}:1`, `${remote}:latest`], { env });
  const file = join(store.path, 'pulled.yaml');
  await writeFile(file, `services: { app: { image: "${remote}:1" } }`);

  const script = `script -qec 'stty cols 130 rows 30; "$TSMACHINE" compose -f "${file}" pull' /dev/null`;
  const terminal = await run(['bash', '-c', script], { env: { ...store.env, TSMACHINE: launcher } });
  expect(terminal.code).toBe(0);
  expect(terminal.stdout).toMatch(/ app {2}Pulling 1 layer \[.\] [\d.]+[kM]?B\/[\d.]+[kM]?B/);
  expect(terminal.stdout).toMatch(/ {3}✔ [0-9a-f]{12} {2}Pull complete/);
  expect(terminal.stdout).toMatch(/ ✔ app {2}Pulled/);

  const plain = await store.call(['compose', '-f', file, 'pull']);
  expect(plain).toMatchObject({ code: 0, stderr: ' app  Pulling\n app  Pulled\n' });
});

test('pull names what the registry has not', async () => {
  const outcome = await store.call(['pull', '-q', `${remote}:none`]);

  expect(outcome).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining(`${remote}:none`) });
});

test('compose config pins images to the digests that their registry has', async () => {
  const file = join(store.path, 'compose.yaml');
  await writeFile(file, `services: { app: { image: "${remote}:1" } }`);
  const shown = await store.expectOk(['compose', '-f', file, 'config', '--resolve-image-digests']);

  expect(shown).toMatch(/^ {4}image: localhost:5005\/team\/app:1@sha256:[0-9a-f]{64}$/m);
});

test('compose pulls by the time since an image came last: not twice a day, but with every refresh', async () => {
  const file = join(store.path, 'aged.yaml');
  const project = ['compose', '-p', 'aged', '-f', file, '--progress', 'plain'];
  const up = async (policy: string): Promise<string> => {
    await writeFile(
      file,
      `services: { app: { image: "${remote}:1", command: "true", pull_policy: ${policy} } }`,
    );
    const { code, stderr } = await store.call([...project, 'up', '-d']);
    expect(code).toBe(0);
    return stderr;
  };
  await store.expectOk(['pull', '-q', `${remote}:1`]);

  expect(await up('daily')).not.toContain('Pull');
  expect(await up('refresh')).toContain('Pulled');
  expect(await up('every_12h')).not.toContain('Pull');
  await store.expectOk([...project, 'down']);
});

test('docker pulls the same, and shows what tsmachine shows', async () => {
  const env = await store.dockerEnv(machine);
  const ours = await store.expectOk(['pull', `${remote}:1`]);

  for (const { path } of await dockerClients()) {
    const { stdout } = await run([path, 'pull', `${remote}:1`], { env });
    const withoutHints = stdout.split('\n').filter((line) => !line.startsWith("What's"));
    expect(ours).toBe(withoutHints.join('\n').trimEnd().concat('\n'));
  }
});

test('login opens a registry for pull, push and run, and logout closes it', async () => {
  await using closed = await startRegistry({ auth: 'basic' });
  await using _tunnel = await tunnelTo(closed.host, 5006);
  const { config, layer } = await tinyImage();
  await closed.push('team/app', '1', { config, layers: [layer] });
  const image = 'localhost:5006/team/app';
  const login = ['login', '-u', 'alice', '--password-stdin', 'localhost:5006'];
  const env = { DOCKER_CONFIG: join(store.path, 'no-docker') };

  expect((await store.call(['pull', '-q', `${image}:1`], { env })).stderr).toContain(
    'no basic auth credentials',
  );
  expect(await store.call(login, { input: 'wrong', env })).toMatchObject({ code: 1, stdout: '' });
  expect(await store.expectOk(login, { input: 'secret\n', env })).toBe('Login Succeeded\n');
  expect(await store.expectOk(['run', '--rm', `${image}:1`, 'echo', 'in'], { env })).toBe('in\n');
  await store.expectOk(['tag', `${image}:1`, `${image}:2`], { env });
  await store.expectOk(['push', '-q', `${image}:2`], { env });
  await store.expectOk(['pull', '-q', `${image}:2`], { env });
  expect(await store.expectOk(['logout', 'localhost:5006'], { env })).toMatch(/^Removed the login/);
  expect(await store.call(['pull', '-q', `${image}:2`], { env })).toMatchObject({ code: 1 });
});

/** ssh's reverse forwarding, since an engine takes plain HTTP from its own loopback only. */
async function tunnelTo(host: string, port: number): Promise<AsyncDisposable> {
  const address = (await store.expectOk(['ip', machine])).trim();
  const options = ['BatchMode=yes', 'ExitOnForwardFailure=yes', 'StrictHostKeyChecking=no', 'LogLevel=ERROR'];
  const argv = [
    ...['ssh', '-F', 'none', '-N', '-R', `127.0.0.1:${port}:${host}`],
    ...[...options, 'UserKnownHostsFile=/dev/null'].flatMap((option) => ['-o', option]),
    ...['-i', join(store.path, 'machines', machine, 'id_ed25519'), `root@${address}`],
  ];
  const child = start(argv, { stdio: ['ignore', 'inherit', 'inherit'] });
  const exited = exitOf(child, argv);
  const probe = [
    'ssh',
    machine,
    `for i in $(seq 100); do (echo >/dev/tcp/127.0.0.1/${port}) 2>/dev/null && exit; sleep 0.1; done; exit 1`,
  ];
  await store.expectOk(probe);
  return {
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await exited;
    },
  };
}
