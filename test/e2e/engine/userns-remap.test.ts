import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, run } from '../../../src/shared/spawn.js';
import { buildKitClients, makeDockerConfig } from '../../support/buildkit-clients.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

// A machine whose containers have users of their own, from its creation to what docker does there.
const clients = await dockerClients();
const builders = await buildKitClients();
let store: TestStore;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', '--engine-opt', 'userns-remap=default', 'engine'], { timeoutMs: 300_000 });
  env = { ...(await store.dockerEnv('engine')), DOCKER_CONFIG: await makeDockerConfig(store.path) };
  await store.expectOk(['load', '-m', 'engine', '-i', await buildTinyImage(store.path)]);
}, 320_000);
afterAll(() => store[Symbol.asyncDispose](), 120_000);

const onHost = async (script: string) => (await store.call(['ssh', 'engine', script])).stdout;

test('the host has a user for it, with IDs of its own', async () => {
  const [uids, gids] = (await onHost('grep -h ^dockremap: /etc/subuid /etc/subgid; id -u dockremap')).split(
    '\n',
  );

  expect(uids).toMatch(/^dockremap:\d+:65536$/);
  expect(gids).toBe(uids);
});

describe.each(clients)('docker $version', ({ path }) => {
  const docker = (...args: string[]): Promise<CommandResult> =>
    run([path, ...args], { env, timeoutMs: 60_000 });

  test('root in a container is nobody on the host, also for its files and volumes', async () => {
    const first = (await onHost('grep ^dockremap: /etc/subuid')).split(':')[1];
    const script = 'id -u; touch /v/f /f; stat -c %u /v/f /f /bin; exec sleep 100';
    await docker('run', '-d', '--name', 'root', '-v', 'vol:/v', 'busybox', 'sh', '-c', script);
    await docker('exec', 'root', 'sh', '-c', 'until test -e /f; do :; done');
    const format = '{{.State.Pid}} {{.GraphDriver.Data.UpperDir}}/f';
    const [pid, file] = (await docker('inspect', '-f', format, 'root')).stdout.trim().split(' ');
    const volume = (await docker('volume', 'inspect', '-f', '{{.Mountpoint}}', 'vol')).stdout.trim();
    const owners = await onHost(`stat -c %u:%g /proc/${pid} ${file} ${volume} ${volume}/f`);
    const logs = await docker('logs', 'root');
    await docker('rm', '-f', 'root');
    await docker('volume', 'rm', 'vol');

    expect(owners).toBe(`${first}:${first}\n`.repeat(4));
    expect(logs.stdout).toBe('0\n0\n0\n0\n');
    expect((await docker('info')).stdout).toMatch(/^ +userns$/m);
  });

  test('what needs rights on the host is refused, and --userns host has them', async () => {
    const refused = await docker('run', '--rm', '--privileged', 'busybox', 'true');
    const mounting = ['busybox', 'sh', '-c', 'mount -t tmpfs t /tmp && stat -c %u / && echo mounted'];
    const allowed = await docker('run', '--rm', '--userns', 'host', '--privileged', ...mounting);

    expect(refused.stderr).toContain('privileged mode is incompatible with user namespaces');
    expect(allowed.stdout).toBe('0\nmounted\n');
  });
});

describe.each(builders)('$name', ({ path, env: own }) => {
  test('a build with mounts of all kinds', async () => {
    const context = join(store.path, `context-${path.replaceAll('/', '-')}`);
    await mkdir(context);
    await writeFile(join(context, 'secret'), 'hush');
    await writeFile(join(context, 'f'), 'text', { mode: 0o600 });
    const mounts = [
      'type=bind,target=/ctx',
      'type=bind,from=one,source=/d,target=/one',
      'type=cache,target=/cache,uid=5',
      'type=secret,id=s,uid=7',
      'type=tmpfs,target=/tmp',
    ].map((mount) => `--mount=${mount}`);
    const dockerfile = `FROM busybox AS one
RUN mkdir /d && touch /d/u && chown 33:34 /d/u
FROM busybox
RUN ${mounts.join(' ')} cat /ctx/f && touch /cache/x && stat -c %u:%g /ctx/f /one/u /cache /run/secrets/s >/owners
`;
    await writeFile(join(context, 'Dockerfile'), dockerfile);
    const options = { env: { ...env, ...own }, timeoutMs: 120_000 };
    const secret = ['--secret', `id=s,src=${join(context, 'secret')}`];
    const built = await run([path, 'build', '--no-cache', '-t', 'built', ...secret, context], options);
    const owners = await run([path, 'run', '--rm', 'built', 'cat', '/owners'], options);

    expect(built).toMatchObject({ code: 0 });
    expect(owners.stdout).toBe('0:0\n33:34\n5:0\n7:0\n');
  }, 180_000);
});

test('a user without IDs keeps the engine from starting, and the machine says why', async () => {
  const failed = await store.call(['create', '--engine-opt', 'userns-remap=nobody', 'without'], {
    timeoutMs: 300_000,
  });

  expect(failed.code).toBe(1);
  expect(failed.stderr).toContain('/etc/subuid has no range of IDs for "nobody"');
  expect(failed.stderr).toContain('nobody:165536:65536');
}, 320_000);
