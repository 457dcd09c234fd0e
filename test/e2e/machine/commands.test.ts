import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { exitOf, run, runOrThrow, start } from '../../../src/shared/spawn.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import {
  createTestStore,
  dockerClients,
  newestDockerClient,
  type TestStore,
} from '../../support/tsmachine.js';

let store: TestStore;
/** A home and a docker configuration of the test's own. */
let home: string;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  store = await createTestStore();
  home = join(store.path, 'home');
  env = { ...store.env, HOME: home, DOCKER_CONFIG: join(home, 'docker') };
  // fish would fill it in the background at its first start.
  await mkdir(join(home, '.local', 'share', 'fish', 'generated_completions'), { recursive: true });
  await store.expectOk(['create', 'box'], { timeoutMs: 300_000 });
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test('shell runs one command with the environment of the machine and ends with its exit code', async () => {
  const script = 'echo $DOCKER_MACHINE_NAME $DOCKER_HOST "$@"; exit 7';
  const outcome = await store.call(['shell', 'box', '--', 'sh', '-c', script, 'sh', '--help', 'a  b']);

  expect(outcome).toMatchObject({
    code: 7,
    stdout: `box ${(await store.expectOk(['url', 'box'])).trim()} --help a  b\n`,
  });
  expect((await store.call(['shell', 'box', '--', 'sh', '-c', 'kill -TERM $$'])).code).toBe(143);
  expect((await store.call(['shell', 'box', '--', '/no/such/program'])).code).toBe(1);
});

test.each(['/bin/sh', '/bin/bash', '/usr/bin/zsh', '/usr/bin/fish'])(
  'shell opens %s on the machine, with its name in the prompt',
  async (shell) => {
    const outcome = await run(
      ['script', '-qec', `${process.execPath} ${resolve('bin/tsmachine.cjs')} shell box`, '/dev/null'],
      {
        env: { ...env, SHELL: shell, TERM: 'dumb' },
        input: 'echo "[$DOCKER_MACHINE_NAME]"\nexit 3\n',
        timeoutMs: 60_000,
      },
    );

    expect(outcome.code).toBe(3);
    expect(outcome.stdout).toContain('[box]');
    expect(outcome.stdout).toContain('(box) ');
  },
);

test('wait ends when the machine is as wanted, and says what it saw when it is not', async () => {
  await store.expectOk(['wait', 'box']);
  await store.expectOk(['wait', '--for', 'ssh', 'box']);
  await store.expectOk(['wait', '--for', 'state=Running', 'box']);

  const late = await store.call(['wait', '--for', 'state=stopped', '--timeout', '1', 'box']);
  expect(late).toMatchObject({
    code: 1,
    stderr: expect.stringMatching(/timed out after 1s.*last seen: running/),
  });
  expect((await store.call(['wait', '--for', 'tea', 'box'])).code).toBe(2);
});

test('logs --agent shows what the agent wrote, by number and by time, and follows', async () => {
  const all = await store.expectOk(['logs', '--agent', 'box']);
  const last = await store.expectOk(['logs', '--agent', '-n', '1', 'box']);

  expect(all).toContain('"msg":"serving"');
  expect(all.endsWith(last) && last.trim().split('\n')).toHaveLength(1);
  expect(await store.expectOk(['logs', '--agent', '--since', '2100-01-01', 'box'])).toBe('');
  expect(await store.expectOk(['logs', '--agent', '--since', '1h', 'box'])).toBe(all);

  const argv = [process.execPath, resolve('bin/tsmachine.cjs'), 'logs', '--agent', '-f', '-n', '0', 'box'];
  const following = start(argv, { stdio: ['ignore', 'pipe', 'inherit'], env });
  const ended = exitOf(following, argv);
  let seen = '';
  following.stdout?.on('data', (chunk) => {
    seen += chunk;
  });
  const write = ['ssh', 'box', 'echo \'{"msg":"marked"}\' >> /var/log/tsmachine-agent.log'];
  const writeAndLook = async () => {
    await store.expectOk(write);
    return seen.includes('marked') || undefined;
  };
  await waitUntil(writeAndLook, {
    what: 'the line',
    timeoutMs: 30_000,
  });
  following.kill('SIGINT');
  await ended;
});

test('docker works with a synced context, and rm of the context or machine takes it away', async () => {
  const clients = await dockerClients();
  await run([clients[0]?.path ?? '', 'context', 'create', 'mine', '--docker', 'host=tcp://127.0.0.1:1'], {
    env,
  });
  const docker = (path: string, ...words: string[]) => run([path, '--context', 'box', ...words], { env });

  expect(await store.expectOk(['context', 'sync'], { env })).toBe('context "box" is made\n');
  expect(await store.expectOk(['context', 'sync'], { env })).toBe('');
  for (const { path } of clients) {
    expect(await docker(path, 'version', '--format', '{{.Server.Os}}')).toMatchObject({ stdout: 'linux\n' });
    const listed = await runOrThrow([path, 'context', 'ls', '--format', '{{.Name}} {{.Description}}'], {
      env,
    });
    expect(listed.stdout).toContain('box tsmachine box');
  }
  // What is chosen and listed is what docker chooses and lists.
  const newest = await newestDockerClient();
  const theirs = async (...words: string[]) =>
    (await runOrThrow([newest, 'context', ...words], { env })).stdout;
  const ours = (...words: string[]) => store.expectOk(['context', ...words], { env });
  expect(await ours('show')).toBe('default\n');
  expect(await ours('use', 'box')).toBe('box\n');
  expect(await theirs('show')).toBe('box\n');
  const unpadded = (text: string) => text.replace(/ +$/gm, '');
  expect(unpadded(await ours('ls'))).toBe(unpadded(await theirs('ls')));
  expect(await ours('ls', '--format', 'json')).toBe(await theirs('ls', '--format', 'json'));
  expect(await ours('use', 'default')).toBe('default\n');
  expect(await theirs('show')).toBe('default\n');
  expect(await store.call(['context', 'use', 'nobody'], { env })).toMatchObject({
    stderr: expect.stringContaining('context "nobody": context not found'),
  });
  expect(await store.expectOk(['context', 'rm'], { env })).toBe('context "box" is removed\n');
  expect((await docker(clients[0]?.path ?? '', 'version')).code).not.toBe(0);
  expect(await readdir(join(home, 'docker', 'contexts', 'meta'))).toHaveLength(1);
});

test('rename renames the context of the machine, and no other', async () => {
  const [client] = await dockerClients();
  const contexts = async () =>
    (await runOrThrow([client?.path ?? '', 'context', 'ls', '-q'], { env })).stdout;
  expect(await store.expectOk(['rename', 'box', 'crate'], { env })).toBe('machine "box" is now "crate"\n');
  await store.expectOk(['context', 'sync', 'crate'], { env });

  expect(await store.expectOk(['rename', 'crate', 'box'], { env })).toBe(
    'machine "crate" is now "box"\ncontext "crate" is now "box"\n',
  );

  expect(await contexts()).toMatch(/^box\n/);
  expect(await contexts()).not.toContain('crate');
  const version = [client?.path ?? '', '--context', 'box', 'version', '--format', '{{.Server.Os}}'];
  expect(await run(version, { env })).toMatchObject({ code: 0, stdout: 'linux\n' });
  await store.expectOk(['context', 'rm', 'box'], { env });
});

test('context sync leaves a context of that name alone that is not its own', async () => {
  const [client] = await dockerClients();
  await run([client?.path ?? '', 'context', 'create', 'box', '--docker', 'host=tcp://127.0.0.1:1'], { env });

  const outcome = await store.call(['context', 'sync', 'box'], { env });

  expect(outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('docker context rm box') });
  await runOrThrow([client?.path ?? '', 'context', 'rm', 'box'], { env });
});

test('scripts written for docker-machine run with an alias', async () => {
  const script = join(home, 'script.sh');
  await writeFile(script, dockerMachineScript);
  await chmod(script, 0o755);

  const { code, stdout, stderr } = await run(['bash', script], {
    env: { ...env, TSMACHINE: `${process.execPath} ${resolve('bin/tsmachine.cjs')}` },
    timeoutMs: 280_000,
  });

  expect({ code, stderr: stderr.includes('FAILED') ? stderr : '' }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trim().split('\n').at(-1)).toBe('all is well');
  expect(await store.expectOk(['ls', '-q'])).toBe('');
  expect(await readFile(join(home, 'fetched'), 'utf8')).toContain('box');
}, 300_000);

/** In the ways that scripts and CI systems drive docker-machine. */
const dockerMachineScript = `
shopt -s expand_aliases
alias docker-machine="$TSMACHINE"
cd "$HOME"
check() { [ "$2" = "$3" ] || { echo "FAILED: $1: expected <$3>, got <$2>" >&2; exit 1; }; }

check "ls -q" "$(docker-machine ls -q)" box
check "ls --filter" "$(docker-machine ls --filter state=Running --filter name=^b -q)" box
check "ls -f" "$(docker-machine ls -f '{{.Name}}: {{.DriverName}} {{.State}}')" "box: sandbox Running"
check "ls, awk" "$(docker-machine ls | awk 'NR > 1 {print $1, $4}')" "box Running"
check "ls --timeout" "$(docker-machine ls -t 5 --format '{{.Name}}')" box
docker-machine ls --filter name=box --format '{{.Name}}' | grep -q '^box$' || exit 1
check status "$(docker-machine status box)" Running
ip=$(docker-machine ip box)
check inspect "$(docker-machine inspect -f '{{.Driver.IPAddress}}' box)" "$ip"
check "inspect --format" "$(docker-machine inspect --format='{{.Driver.SSHUser}}' box)" root
check "inspect key" "$(test -r "$(docker-machine inspect -f '{{.Driver.SSHKeyPath}}' box)" && echo readable)" readable
check url "$(docker-machine url box)" "tcp://$ip:2376"
check "xargs" "$(docker-machine ls -q | xargs -n 1 echo)" box

eval "$(docker-machine env box)"
check DOCKER_HOST "$DOCKER_HOST" "tcp://$ip:2376"
check active "$(docker-machine active)" box
check "active -t" "$(docker-machine active -t 3)" box
for file in ca cert key; do test -s "$DOCKER_CERT_PATH/$file.pem" || { echo "FAILED: $file" >&2; exit 1; }; done
eval "$(docker-machine env --unset)"
check "env -u" "\${DOCKER_HOST-none}" none
check "env --no-proxy" "$(docker-machine env --no-proxy box | grep -c "NO_PROXY=.*$ip")" 1
check "env --swarm" "$(docker-machine env --swarm box 2>&1 >/dev/null | grep -ci swarm)" 1
docker-machine config box | grep -q -- "-H=tcp://$ip:2376" || { echo "FAILED: config" >&2; exit 1; }

docker-machine ssh box "exit 42"; check "ssh exit code" $? 42
check "ssh output" "$(docker-machine ssh box hostname)" box
check "ssh pipe" "$(echo text | docker-machine ssh box 'cat')" text
docker-machine ssh box -- test -d /etc || { echo "FAILED: ssh --" >&2; exit 1; }
docker-machine scp -q box:/etc/hostname fetched || { echo "FAILED: scp" >&2; exit 1; }
docker-machine scp -r -q . box:/tmp/all && docker-machine ssh box "test -f /tmp/all/fetched" || { echo "FAILED: scp -r" >&2; exit 1; }

docker-machine -D ls -q 2>/dev/null | grep -q box || { echo "FAILED: -D" >&2; exit 1; }
docker-machine --tls-ca-cert "$MACHINE_STORAGE_PATH/x" version >/dev/null 2>&1; check "a wrong --tls-ca-cert" $? 2
docker-machine create -d sandbox box >/dev/null 2>&1; check "create of one that exists" $? 1
docker-machine status nope >/dev/null 2>&1; check "status of none" $? 1
docker-machine status nope 2>&1 | grep -q 'Docker machine "nope" does not exist' || exit 1
docker-machine create -d nope x >/dev/null 2>&1; check "no such driver" $? 1
docker-machine create -d sandbox --swarm x 2>&1 | grep -qi swarm || { echo "FAILED: swarm" >&2; exit 1; }
docker-machine create -d sandbox --sandbox-subnet nonsense x >/dev/null 2>&1; check "pre-create check" $(($? > 0)) 1
docker-machine rm -f x >/dev/null 2>&1

docker-machine regenerate-certs -f box >/dev/null || exit 1
docker-machine stop box >/dev/null && check stopped "$(docker-machine status box)" Stopped
docker-machine url box 2>&1 | grep -q "Host is not running" || { echo "FAILED: url" >&2; exit 1; }
docker-machine start box >/dev/null && check started "$(docker-machine status box)" Running
docker-machine rm -y -f box | grep -q "Successfully removed box" || exit 1
check "ls after rm" "$(docker-machine ls -q)" ""
echo all is well
`;
