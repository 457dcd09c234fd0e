import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import {
  createTestStore,
  newestDockerClient,
  type Outcome,
  type TestStore,
} from '../../support/tsmachine.js';

let store: TestStore;
let docker: (args: readonly string[]) => Promise<Outcome>;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'boxes'], { timeoutMs: 300_000 });
  await store.expectOk(['use', 'boxes']);
  await store.expectOk(['load', '-i', await buildTinyImage(store.path)]);
  const client = await newestDockerClient();
  const env = await store.dockerEnv('boxes');
  docker = (args) => run([client, ...args], { env, timeoutMs: 60_000 });
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

test('what only reads prints what docker prints, but for spaces at the end of a line', async () => {
  await store.expectOk([
    'run',
    '-d',
    '--name',
    'web',
    '-p',
    '8080:80',
    '-l',
    'a=b',
    'busybox',
    'sleep',
    '600',
  ]);
  await store.expectOk(['volume', 'create', '--label', 'keep=1', 'data']);
  const calls = [
    'top web',
    'top web -o pid,args',
    'port web',
    'port web 80',
    'diff web',
    'history busybox',
    'history --no-trunc -q busybox',
    'volume ls',
    'volume ls -q --filter label=keep',
    'volume inspect data',
    'network ls',
    'network ls --no-trunc --format {{.ID}}:{{.Name}}',
    'network inspect bridge',
    'image inspect -f {{.Id}} busybox',
    'container inspect -f {{.State.Status}}:{{.Name}} web',
    'system df',
    'system df -v',
    'ps -s',
    'ps --format json',
    'images --format json',
    'volume ls --format json',
    'network ls --format json',
    'system df --format json',
    'ps --format {{.Names}}:{{.Label·"a"}}',
    'ps --format table·{{.ID}}·{{.Label·"com.some-label"}}',
    'images --digests --no-trunc',
    'stats --no-stream --format {{.Name}}',
    'container inspect -s -f {{.SizeRw}} web',
  ];
  for (const call of calls) {
    const [own, theirs] = await both(call);
    const said = asNewest(theirs.stdout.replace(/ +$/gm, ''));
    expect({ call, ...own, stdout: timeless(own.stdout) }).toEqual({
      ...{ call, ...theirs, stdout: timeless(said) },
    });
  }
});

/** Clients before docker 28 write the address :: without brackets, and know neither of these fields. */
function asNewest(text: string): string {
  return text
    .replaceAll(/:::(?=\d)/g, '[::]:')
    .replaceAll(/("Networks":"[^"]*"),(?="Ports":)/g, '$1,"Platform":null,')
    .replaceAll(/("ID":"[^"]*"),(?="IPv6":)/g, '$1,"IPv4":"true",');
}

test('version tells both sides, the engine’s as docker tells it', async () => {
  const serverPart = (text: string) =>
    text
      .slice(text.indexOf('Server:'))
      .replace(/^ *[^:\n]*: *\n/gm, (line) => (/^ \w+:\n$/.test(line) ? line : ''));
  const [own, theirs] = await both('version');
  const full = await store.expectOk(['system', 'version']);
  const format = '{{.Server.APIVersion}} {{.Server.Os}}/{{.Server.Arch}}';

  expect(own.stdout).toMatch(/^tsmachine/);
  expect(full).toMatch(
    /^Client:\n Version: .*\n API version: .*\n(.*\n)* Context: +boxes\n\nServer: tsmachine\n/,
  );
  expect(serverPart(full)).toBe(serverPart(theirs.stdout));
  expect(await store.expectOk(['version', '--format', format])).toBe(
    (await docker(['version', '-f', format])).stdout,
  );
  expect(await store.call(['system', 'version', '-m', 'nobody'])).toMatchObject({ code: 1 });
});

test('volume update is refused as docker refuses it', async () => {
  await store.expectOk(['volume', 'create', 'fixed']);
  const [own, theirs] = await both('volume update fixed');

  expect(own).toMatchObject({ code: theirs.code, stderr: expect.stringContaining(theirs.stderr.trim()) });
});

test('what cannot be done ends with docker’s exit code and what docker says', async () => {
  const calls = [
    'exec nobody ls',
    'exec web nothing',
    'logs nobody',
    'container inspect nobody',
    'volume inspect nobody',
    'network inspect nobody',
    'container stop nobody',
    'container kill nobody',
    'rmi nobody',
    'volume rm nobody',
    'tag nobody other',
    'top nobody',
    'port web 99',
    'diff nobody',
    'history nobody',
    'ps --filter nothing=1',
    'network create bridge',
    'network connect bridge nobody',
    'volume create --driver nothing v1',
    'stats --no-stream nobody',
    'update --memory 4m web',
    'container wait nobody',
    'image save --platform linux/amd64 busybox -o /dev/null',
  ];
  for (const call of calls) {
    const [own, theirs] = await both(call);
    if (theirs.stderr.startsWith('unknown flag')) continue; // of newer clients
    const [message = ''] = own.stderr.split('\n  ›');
    expect({ call, ...own, stderr: message.trim() }).toEqual({
      call,
      ...theirs,
      stderr: theirs.stderr.trim(),
    });
  }
});

test('mistakes on the command line end with docker’s exit code', async () => {
  const calls = ['ps --nothing', 'rmi', 'run', 'run --memory 1zz busybox', 'ps --filter wrong'];
  calls.push('run --rm --restart always busybox', 'pull', 'container rm', 'exec web', 'logs --since 1x web');
  for (const call of calls) {
    const [own, theirs] = await both(call);
    expect({ call, code: own.code }).toEqual({ call, code: theirs.code });
  }
});

test('every flag of run that the engine takes has its effect', async () => {
  const file = join(store.path, 'cid');
  const flags = ['--device', '/dev/fuse', '--shm-size', '10m', '--cidfile', file, '-a', 'stdout'];
  const more = [
    '--domainname',
    'd.e',
    '--sysctl',
    'net.ipv4.ip_forward=0',
    '--pid',
    'host',
    '--group-add',
    '7',
  ];
  const script =
    'df -m /dev/shm | tail -1 | cut -c1-40; ls /dev/fuse; cat /proc/sys/net/ipv4/ip_forward; id -G; echo no >&2';
  const call = ['run', ...flags, ...more, 'busybox', 'sh', '-c', script];

  const [first = '', ...rest] = (await store.expectOk(call)).trim().split('\n');
  expect(first).toMatch(/^shm +10 /);
  expect(rest).toEqual(['/dev/fuse', '0', '0 7']);
  const inspected = JSON.parse((await docker(['inspect', await readFile(file, 'utf8')])).stdout);
  expect(inspected[0]).toMatchObject({ Config: { Domainname: 'd.e' }, HostConfig: { PidMode: 'host' } });
});

test('a container goes through its life', async () => {
  const id = (
    await store.expectOk(['container', 'create', '--name', 'life', 'busybox', 'sleep', '600'])
  ).trim();
  const state = async () => (await docker(['inspect', '-f', '{{.State.Status}}', id])).stdout.trim();

  expect(await state()).toBe('created');
  expect(await store.expectOk(['container', 'start', 'life'])).toBe('life\n');
  expect(await store.expectOk(['pause', 'life'])).toBe('life\n');
  expect(await state()).toBe('paused');
  await store.expectOk(['unpause', 'life']);
  await store.expectOk(['container', 'rename', 'life', 'other']);
  expect(await store.expectOk(['update', '--memory', '64m', '--memory-swap', '64m', 'other'])).toBe(
    'other\n',
  );
  expect((await docker(['inspect', '-f', '{{.HostConfig.Memory}}', id])).stdout).toBe('67108864\n');
  expect(
    await store.expectOk(['stats', '--no-stream', '--format', '{{.Name}} {{.MemUsage}}', 'other']),
  ).toMatch(/^other \S+iB \/ 64MiB\n$/);
  await store.expectOk(['container', 'restart', '-t', '0', 'other']);
  expect(await state()).toBe('running');
  await store.expectOk(['container', 'kill', 'other']);
  expect(await store.expectOk(['container', 'wait', 'other'])).toBe('137\n');
  expect(await store.expectOk(['container', 'rm', 'other'])).toBe('other\n');
});

test('of several names those that are there are done, and the others said', async () => {
  await store.expectOk(['volume', 'create', 'one']);
  const outcome = await store.call(['volume', 'rm', 'one', 'no-one']);

  expect(outcome).toMatchObject({ code: 1, stdout: 'one\n', stderr: expect.stringContaining('no-one') });
});

test('start -a shows the output and ends with the exit code of the container', async () => {
  await store.expectOk(['container', 'create', '--name', 'talk', 'busybox', 'sh', '-c', 'echo hi; exit 4']);
  const outcome = await store.call(['container', 'start', '-a', 'talk']);

  expect(outcome).toEqual({ code: 4, stdout: 'hi\n', stderr: '' });
});

test('an image is committed, tagged, exported, imported and removed', async () => {
  await store.expectOk(['run', '--name', 'maker', 'busybox', 'sh', '-c', 'echo made > /made']);
  await store.expectOk(['commit', '-c', 'CMD ["cat", "/made"]', 'maker', 'made:1']);
  expect(await store.expectOk(['run', '--rm', 'made:1'])).toBe('made\n');
  await store.expectOk(['tag', 'made:1', 'made:2']);
  expect(await store.expectOk(['rmi', 'made:2'])).toBe('Untagged: made:2\n');
  const tar = `${store.path}/maker.tar`;
  await store.expectOk(['container', 'export', '-o', tar, 'maker']);
  expect(await store.expectOk(['image', 'import', '-c', 'CMD ["cat", "/made"]', tar, 'flat'])).toMatch(
    /^sha256:/,
  );
  expect(await store.expectOk(['run', '--rm', 'flat'])).toBe('made\n');
});

test('layers of an image are told, and only those that are missing are pushed', async () => {
  const page = join(store.path, 'layers.html');
  expect(await store.expectOk(['image', 'layers', 'busybox'])).toMatch(/^busybox: 1 layers, .*\n\nLAYER /);
  await store.expectOk(['image', 'layers', '--html', page, 'busybox', 'busybox:latest']);
  expect(await readFile(page, 'utf8')).toContain('<title>Layers of 2 images</title>');
  const tar = join(store.path, 'saved.tar');
  await store.expectOk(['save', '-o', tar, 'busybox']);
  const pushed = await store.expectOk(['image', 'push-to', '-i', tar, 'boxes', 'busybox', '--json']);
  expect(JSON.parse(pushed)).toMatchObject({ layers: 1, sentLayers: 0 });
  expect(await store.call(['image', 'push-to', '-m', 'boxes', 'boxes', 'busybox'])).toMatchObject({
    code: 1,
  });
});

test('cp carries files into a container, between two and back', async () => {
  await mkdir(join(store.path, 'site'));
  await writeFile(join(store.path, 'site', 'index'), 'hello');
  await store.expectOk(['container', 'create', '--name', 'one', 'busybox']);
  await store.expectOk(['container', 'create', '--name', 'two', 'busybox']);
  await store.expectOk(['cp', join(store.path, 'site'), 'one:/']);
  await store.expectOk(['cp', 'one:/site/.', 'boxes/two:/copied']);
  await store.expectOk(['cp', 'two:/copied/index', join(store.path, 'back')]);
  const missing = await store.call(['cp', 'two:/nothing', store.path]);

  expect(await readFile(join(store.path, 'back'), 'utf8')).toBe('hello');
  expect(missing).toMatchObject({ code: 1, stderr: expect.stringContaining('no such file or directory') });
});

test('prune removes nothing without an answer, and all with a yes or --force', async () => {
  await store.expectOk(['container', 'create', '--name', 'idle', '--label', 'idle', 'busybox']);
  const refused = await store.call(['container', 'prune', '--filter', 'label=idle']);
  const pruned = await store.expectOk(['container', 'prune', '-f', '--filter', 'label=idle']);
  await store.expectOk(['container', 'create', '--name', 'idle', '--label', 'idle', 'busybox']);
  const answered = await store.expectOk(['container', 'prune', '--filter', 'label=idle'], { input: 'y\n' });

  expect(refused).toMatchObject({ code: 1, stdout: '', stderr: expect.stringContaining('--force') });
  expect(answered).toMatch(/^Deleted Containers:\n/);
  expect(pruned).toMatch(/^Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: 0B\n$/);
});

test('events tells what was done', async () => {
  const script = ['--since', '10m', '--until', '0s', '--filter', 'container=life', '--format', '{{.Action}}'];
  await store.expectOk(['container', 'create', '--name', 'life', 'busybox']);
  const now = String(Math.floor(Date.now() / 1000) + 1);

  expect(await store.expectOk(['events', ...script.with(3, now)])).toMatch(/^(.*\n)*create\n$/);
});

/** What both answer, at the same time. A dot in the middle of a line stands for a space within a word. */
function both(call: string): Promise<readonly [Outcome, Outcome]> {
  const words = call.split(' ').map((word) => word.replaceAll('·', ' '));
  return Promise.all([store.call(words), docker(words)]);
}

/** Without ages, which may be read on two sides of a second; with one space where columns are padded. */
function timeless(text: string): string {
  return text.replace(/\b(\d+|About an?|Less than a) (second|minute)s?\b/g, 'AGE').replace(/ {2,}/g, ' ');
}
