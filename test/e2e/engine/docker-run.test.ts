import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type CommandResult, run, runOrThrow } from '../../../src/shared/spawn.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type TestStore } from '../../support/tsmachine.js';

const clients = await dockerClients();
const machine = 'engine';

let store: TestStore;
let env: NodeJS.ProcessEnv;
let address: string;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', machine], { timeoutMs: 300_000 });
  env = await store.dockerEnv(machine);
  address = (await store.expectOk(['ip', machine])).trim();
  await store.expectOk(['load', '-m', machine, '-i', await buildTinyImage(store.path)]);
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test('there is a docker client to test with', () => {
  expect(clients.length).toBeGreaterThan(0);
});

describe.each(clients)('docker $version', ({ path }) => {
  const docker = (...args: string[]): Promise<CommandResult> =>
    run([path, ...args], { env, timeoutMs: 60_000 });
  const ok = async (...args: string[]): Promise<string> => {
    const { code, stdout, stderr } = await docker(...args);
    if (code !== 0) throw new Error(`docker ${args.join(' ')}: exit ${code}: ${stderr}`);
    return stdout;
  };
  const shell = (script: string): Promise<CommandResult> =>
    run(['bash', '-o', 'pipefail', '-c', script], { env: { ...env, DOCKER: path }, timeoutMs: 100_000 });

  afterEach(async () => {
    const left = (await ok('ps', '-aq')).split('\n').filter(Boolean);
    if (left.length > 0) await ok('rm', '-f', '-v', ...left);
  });

  test('run parts stdout from stderr and passes the exit code on', async () => {
    const outcome = await docker('run', '--rm', 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 42');

    expect(outcome).toEqual({ code: 42, stdout: 'out\n', stderr: 'err\n' });
  });

  test('run -i carries 100 MB through cat intact', async () => {
    const file = join(store.path, 'big');
    await writeFile(file, randomBytes(100 * 2 ** 20));
    const sent = (await runOrThrow(['sha256sum', file])).stdout.slice(0, 64);

    const outcome = await shell(`"$DOCKER" run --rm -i busybox cat < ${file} | sha256sum`);

    expect(outcome).toMatchObject({ code: 0, stdout: `${sent}  -\n` });
  });

  test('run -i tells the container the end of its input', async () => {
    const outcome = await shell(
      `printf 'a\\nb\\n' | "$DOCKER" run --rm -i busybox sh -c 'wc -l; echo after'`,
    );

    expect(outcome).toMatchObject({ code: 0, stdout: '2\nafter\n' });
  });

  test('run without -i has an empty input', async () => {
    const outcome = await shell(`echo unseen | "$DOCKER" run --rm busybox cat`);

    expect(outcome).toMatchObject({ code: 0, stdout: '' });
  });

  test('run -it gives a terminal of the size of this one', async () => {
    const waits = 'until stty size | grep -q \\"33 99\\"; do sleep 0.1; done';
    const inside = `"$DOCKER" run --rm -it busybox sh -c "test -t 0 && test -t 1 && ${waits}; stty size; exit 6"`;
    const outcome = await shell(`script -qec 'stty rows 33 cols 99; ${inside}' /dev/null`);

    expect(outcome.stdout).toContain('33 99');
    expect(outcome.code).toBe(6);
  });

  test('a shell in a terminal obeys its input', async () => {
    const outcome = await shell(
      `(sleep 2; echo 'echo sum $((20+3))'; sleep 1; echo 'exit 4') | script -qec '"$DOCKER" run --rm -it busybox' /dev/null`,
    );

    expect(outcome.stdout).toContain('sum 23');
    expect(outcome.code).toBe(4);
  });

  test.each([
    [127, ['busybox', 'no-such-command'], /executable file not found/],
    [126, ['busybox', '/etc'], /permission denied|is a directory/],
    [125, ['--name', 'bad/name', 'busybox'], /Invalid container name/],
    [125, ['--memory', '1k', 'busybox'], /memory/i],
    [125, ['--pull', 'never', 'no-such-image'], /No such image/],
  ])('run exits with %d for %j', async (code, args, words) => {
    const outcome = await docker('run', '--rm', ...args);

    expect(outcome).toMatchObject({ code, stderr: expect.stringMatching(words) });
    expect(await ok('ps', '-aq')).toBe('');
  });

  test('run -d, logs -f and wait tell all that a container says and how it ends', async () => {
    const script = 'for i in 1 2 3; do echo line $i; sleep 0.5; done; echo last >&2; exit 7';
    const id = (await ok('run', '-d', '--name', 'talker', 'busybox', 'sh', '-c', script)).trim();

    const [logs, wait] = await Promise.all([docker('logs', '-f', 'talker'), ok('wait', id)]);

    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(logs).toEqual({ code: 0, stdout: 'line 1\nline 2\nline 3\n', stderr: 'last\n' });
    expect(wait).toBe('7\n');
  });

  test('logs takes tail, since and timestamps', async () => {
    await ok('run', '--name', 'lines', 'busybox', 'sh', '-c', 'echo one; echo two; echo three');

    expect(await ok('logs', '--tail', '2', 'lines')).toBe('two\nthree\n');
    expect(await ok('logs', '--since', '1h', 'lines')).toBe('one\ntwo\nthree\n');
    expect(await ok('logs', '--until', '1h', 'lines')).toBe('');
    expect(await ok('logs', '-t', '--tail', '1', 'lines')).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z three\n$/);
  });

  test('-e, -w, -u and --entrypoint reach the process', async () => {
    const script = 'echo "$GREETING $PWD $(id -u):$(id -g)"';
    const flags = ['-e', 'GREETING=hello', '-w', '/tmp', '-u', 'nobody:root', '--entrypoint', 'sh'];

    expect(await ok('run', '--rm', ...flags, 'busybox', '-c', script)).toBe('hello /tmp 65534:0\n');
  });

  test('-p publishes a port to this machine', async () => {
    await ok(
      'run',
      '-d',
      '--name',
      'web',
      '-p',
      '8080:80',
      '-p',
      '80',
      'busybox',
      'httpd',
      '-f',
      '-p',
      '80',
      '-h',
      '/etc',
    );

    const chosen = Number(/0\.0\.0\.0:(\d+)/.exec(await ok('port', 'web', '80'))?.[1]);
    expect(await fetchText(`http://${address}:8080/group`)).toContain('root:x:0:');
    expect(chosen).toBeGreaterThan(0);
    expect(await ok('ps', '--format', '{{.Ports}}')).toContain('0.0.0.0:8080->80/tcp');
  });

  test('a port that is in use is refused by number', async () => {
    await ok('run', '-d', '-p', '8081:80', 'busybox', 'sleep', '1000');

    const outcome = await docker('run', '-d', '-p', '8081:80', 'busybox', 'sleep', '1000');

    expect(outcome).toMatchObject({
      code: 125,
      stderr: expect.stringMatching(/8081.*port is already allocated/),
    });
  });

  test('-v binds a directory of the host, read-only when asked to', async () => {
    await store.expectOk([
      'ssh',
      machine,
      'mkdir -p /srv/bound && echo from-host > /srv/bound/in && rm -f /srv/bound/out',
    ]);

    const script = 'cat /b/in; echo from-container > /b/out';
    expect(await ok('run', '--rm', '-v', '/srv/bound:/b', 'busybox', 'sh', '-c', script)).toBe('from-host\n');
    expect(await store.expectOk(['ssh', machine, 'cat /srv/bound/out'])).toBe('from-container\n');
    const readOnly = await docker('run', '--rm', '-v', '/srv/bound:/b:ro', 'busybox', 'touch', '/b/new');
    expect(readOnly).toMatchObject({ code: 1, stderr: expect.stringContaining('Read-only file system') });
  });

  test('an anonymous volume lives as long as its container', async () => {
    const before = await ok('volume', 'ls', '-q');
    await ok(
      'run',
      '--name',
      'keeper',
      '-v',
      '/data',
      'busybox',
      'sh',
      '-c',
      'echo kept >> /data/file; test $(wc -l < /data/file) -le 2',
    );

    await ok('start', '-a', 'keeper');
    expect((await ok('volume', 'ls', '-q')).split('\n').length).toBe(before.split('\n').length + 1);
    await ok('rm', '-v', 'keeper');
    expect(await ok('volume', 'ls', '-q')).toBe(before);
  });

  test('--rm removes the container and its anonymous volume', async () => {
    const before = await ok('volume', 'ls', '-q');

    await ok('run', '--rm', '-v', '/data', 'busybox', 'true');

    expect(await ok('ps', '-aq')).toBe('');
    expect(await ok('volume', 'ls', '-q')).toBe(before);
  });

  test('--memory kills what takes more', async () => {
    const outcome = await docker(
      'run',
      '--name',
      'greedy',
      '-m',
      '32m',
      'busybox',
      'dd',
      'if=/dev/zero',
      'of=/dev/null',
      'bs=100M',
      'count=1',
    );

    expect(outcome.code).toBe(137);
    expect(
      (await ok('inspect', '--format', '{{.State.OOMKilled}} {{.HostConfig.Memory}}', 'greedy')).trim(),
    ).toBe('true 33554432');
  });

  test('--pids-limit and --cpus hold inside', async () => {
    const forks = 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 5 & done';
    const pids = await docker('run', '--rm', '--pids-limit', '5', 'busybox', 'sh', '-c', forks);
    expect(pids.stderr).toMatch(/can't fork/);

    const read = 'cat /sys/fs/cgroup/cpu.max 2>/dev/null || cat /sys/fs/cgroup/cpu/cpu.cfs_quota_us';
    expect(await ok('run', '--rm', '--cpus', '0.5', 'busybox', 'sh', '-c', read)).toMatch(/^50000\b/);
  });

  test('ps shows columns, filters and templates', async () => {
    await ok('run', '-d', '--name', 'up', '-l', 'tier=front', 'busybox', 'sleep', '1000');
    await ok('run', '--name', 'down', 'busybox', 'true');

    expect(await ok('ps', '-a')).toMatch(/^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n/);
    expect(await ok('ps', '--format', '{{.Names}}|{{.Image}}|{{.Command}}|{{.State}}')).toBe(
      'up|busybox|"sleep 1000"|running\n',
    );
    expect(await ok('ps', '-a', '--filter', 'status=exited', '--format', '{{.Names}} {{.Status}}')).toMatch(
      /^down Exited \(0\) /,
    );
    expect(await ok('ps', '--filter', 'label=tier=front', '--format', '{{.Label "tier"}}')).toBe('front\n');
    expect(await ok('ps', '--filter', 'name=nothing', '-q')).toBe('');
    expect((await ok('ps', '-aq')).split('\n').filter(Boolean)).toHaveLength(2);
    expect(JSON.parse(await ok('ps', '-l', '--format', '{{json .}}'))).toMatchObject({
      Names: 'down',
      State: 'exited',
    });
  });

  test('stop asks first and kills then; kill sends any signal', async () => {
    const trap = (signal: string, code: number) =>
      `trap 'exit ${code}' ${signal}; while :; do sleep 0.1; done`;
    await ok('run', '-d', '--name', 'polite', 'busybox', 'sh', '-c', trap('TERM', 5));
    await ok('run', '-d', '--name', 'deaf', 'busybox', 'sleep', '1000');
    await ok('run', '-d', '--name', 'poked', 'busybox', 'sh', '-c', trap('USR1', 9));
    await ok('run', '-d', '--name', 'killed', 'busybox', 'sleep', '1000');

    await Promise.all([
      ok('stop', 'polite'),
      ok('stop', '-t', '1', 'deaf'),
      ok('kill', '-s', 'USR1', 'poked'),
      ok('kill', 'killed'),
    ]);

    expect(await ok('wait', 'polite', 'deaf', 'poked', 'killed')).toBe('5\n137\n9\n137\n');
    await ok('stop', 'polite');
    const unknown = await docker('kill', '-s', 'NOSUCH', 'polite');
    expect(unknown).toMatchObject({ code: 1, stderr: expect.stringMatching(/[Ii]nvalid signal: NOSUCH/) });
  });

  test('Ctrl-C of the client reaches the container', async () => {
    const trap = 'trap "echo bye; exit 3" INT; echo up; while :; do sleep 0.1; done';
    const outcome = await shell(
      `"$DOCKER" run --rm --name signalled busybox sh -c '${trap}' & p=$!; sleep 3; kill -INT $p; wait $p`,
    );

    expect(outcome).toMatchObject({ code: 3, stdout: 'up\nbye\n' });
  });

  test('--network host is the network of the host, none has only a loopback', async () => {
    const namespace = await store.expectOk(['ssh', machine, 'readlink /proc/self/ns/net']);

    expect(await ok('run', '--rm', '--network', 'host', 'busybox', 'readlink', '/proc/self/ns/net')).toBe(
      namespace,
    );
    expect(await ok('run', '--rm', '--network', 'none', 'busybox', 'ls', '/sys/class/net')).toBe('lo\n');
  });

  test('exec runs beside the first process, with its own input and exit code', async () => {
    await ok('run', '-d', '--name', 'host', 'busybox', 'sleep', '1000');

    expect(await docker('exec', 'host', 'sh', '-c', 'echo inside; exit 8')).toMatchObject({
      code: 8,
      stdout: 'inside\n',
    });
    expect(await shell(`echo text | "$DOCKER" exec -i host cat`)).toMatchObject({
      code: 0,
      stdout: 'text\n',
    });
    expect([126, 127]).toContain((await docker('exec', 'host', 'no-such-command')).code);
  });

  test('what does not exist is named', async () => {
    const words: readonly [string[], string][] = [
      [['logs', 'nobody'], 'No such container: nobody'],
      [['inspect', 'nobody'], 'No such object: nobody'],
      [['rm', 'nobody'], 'No such container: nobody'],
      [['rmi', 'nothing'], 'No such image: nothing'],
      [['run', '--network', 'nowhere', 'busybox'], 'network nowhere not found'],
    ];
    for (const [args, text] of words) {
      const { code, stderr } = await docker(...args);
      expect({ args, code: code === 0, stderr }).toMatchObject({
        code: false,
        stderr: expect.stringContaining(text),
      });
    }
  });

  test('a client without a certificate, or with one of another CA, is refused', async () => {
    const url = String(env['DOCKER_HOST']);
    const certificates = String(env['DOCKER_CERT_PATH']);
    const foreign = await foreignCertificate(store.path);
    const bare = {
      ...env,
      DOCKER_CERT_PATH: '/nonexistent',
      DOCKER_TLS_VERIFY: undefined,
      DOCKER_HOST: undefined,
    };
    const call = (...args: string[]) =>
      run([path, '-H', url, ...args, 'ps'], { env: bare, timeoutMs: 30_000 });

    const outcomes = [
      await call(),
      await call('--tls'),
      await call('--tlsverify', '--tlscacert', `${certificates}/ca.pem`),
      await call(
        '--tlsverify',
        '--tlscacert',
        `${certificates}/ca.pem`,
        '--tlscert',
        foreign.cert,
        '--tlskey',
        foreign.key,
      ),
    ];
    const own = ['--tlscert', `${certificates}/cert.pem`, '--tlskey', `${certificates}/key.pem`];
    const known = await call('--tlsverify', '--tlscacert', `${certificates}/ca.pem`, ...own);

    expect(outcomes.map(({ code, stdout }) => [code === 0, stdout])).toEqual(outcomes.map(() => [false, '']));
    expect(known).toMatchObject({ code: 0, stdout: expect.stringContaining('CONTAINER ID') });
  });
});

async function fetchText(url: string): Promise<string> {
  return waitUntil(
    () =>
      fetch(url, { signal: AbortSignal.timeout(3000) }).then(
        (response) => response.text(),
        () => undefined,
      ),
    { what: url, timeoutMs: 30_000 },
  );
}

async function foreignCertificate(
  directory: string,
): Promise<{ readonly cert: string; readonly key: string }> {
  const [cert, key] = [join(directory, 'foreign.pem'), join(directory, 'foreign-key.pem')];
  await runOrThrow([
    ...[
      'openssl',
      'req',
      '-x509',
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-noenc',
      '-days',
      '2',
    ],
    ...['-subj', '/CN=stranger', '-addext', 'extendedKeyUsage=clientAuth', '-keyout', key, '-out', cert],
  ]);
  return { cert, key };
}
