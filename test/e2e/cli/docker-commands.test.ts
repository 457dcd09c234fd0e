import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from '../../../src/shared/spawn.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, dockerClients, type Outcome, type TestStore } from '../../support/tsmachine.js';

let store: TestStore;
let docker: (args: readonly string[]) => Promise<Outcome>;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'boxes'], { timeoutMs: 300_000 });
  await store.expectOk(['use', 'boxes']);
  await store.expectOk(['load', '-i', await buildTinyImage(store.path)]);
  const client = (await dockerClients()).find(({ version }) => version.startsWith('28.'));
  if (!client) throw new Error('there is no docker 28 client: run scripts/setup test');
  const env = await store.dockerEnv('boxes');
  docker = (args) => run([client.path, ...args], { env, timeoutMs: 60_000 });
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
  ];
  for (const call of calls) {
    const [own, theirs] = [await store.call(call.split(' ')), await docker(call.split(' '))];
    expect({ call, ...own }).toEqual({ call, ...theirs, stdout: theirs.stdout.replace(/ +$/gm, '') });
  }
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
    code: 2,
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

test('prune asks nobody without a terminal, and removes with --force', async () => {
  await store.expectOk(['container', 'create', '--name', 'idle', '--label', 'idle', 'busybox']);
  const refused = await store.call(['container', 'prune', '--filter', 'label=idle']);
  const pruned = await store.expectOk(['container', 'prune', '-f', '--filter', 'label=idle']);

  expect(refused).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('--force') });
  expect(pruned).toMatch(/^Deleted Containers:\n[0-9a-f]{64}\n\nTotal reclaimed space: 0B\n$/);
});

test('events tells what was done', async () => {
  const script = ['--since', '10m', '--until', '0s', '--filter', 'container=life', '--format', '{{.Action}}'];
  await store.expectOk(['container', 'create', '--name', 'life', 'busybox']);
  const now = String(Math.floor(Date.now() / 1000) + 1);

  expect(await store.expectOk(['events', ...script.with(3, now)])).toMatch(/^(.*\n)*create\n$/);
});
