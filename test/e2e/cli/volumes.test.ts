import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type CommandResult, exitOf, run, start } from '../../../src/shared/spawn.js';
import { waitUntil } from '../../../src/shared/wait-until.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

const launcher = resolve('bin/tsmachine.cjs');

let store: TestStore;
let tar: string;

beforeAll(async () => {
  store = await createTestStore();
  await Promise.all(['one', 'two'].map((name) => store.expectOk(['create', name], { timeoutMs: 300_000 })));
  await store.expectOk(['use', 'one']);
  tar = join(store.path, 'made.tar');
  await makeArchive(tar);
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

/** Everything that a file can be. */
async function makeArchive(path: string): Promise<void> {
  const tree = join(store.path, 'tree');
  await mkdir(join(tree, 'sub'), { recursive: true });
  await writeFile(join(tree, 'big'), randomBytes(3_000_001));
  const script = `chmod 2750 .; chown 70:71 .; echo text >sub/file; chown 1234:56 sub/file; chmod 4711 sub/file
    ln sub/file hard; ln -s /etc/passwd absolute; mkfifo pipe; mknod device c 1 3; truncate -s 30M sparse
    setfattr -n user.note -v kept sub/file; touch -d '2001-02-03 04:05:06.123456789' big; echo x >$(printf 'n\\303\\244\\377')`;
  execFileSync('sh', ['-ec', script], { cwd: tree });
  execFileSync('tar', ['--format=pax', '--xattrs', '-cf', path, '-C', tree, '.']);
}

function shell(script: string): Promise<CommandResult> {
  const env = { ...store.env, TSMACHINE: launcher };
  return run(['bash', '-o', 'pipefail', '-c', script], { env, timeoutMs: 100_000 });
}

async function exported(machine: string, name: string): Promise<Buffer> {
  const file = join(store.path, `${machine}-${name}.tar`);
  await store.expectOk(['volume', 'export', '-m', machine, '-o', file, name]);
  return readFile(file);
}

const copied = async (...args: readonly string[]) =>
  JSON.parse(await store.expectOk(['volume', 'copy', '--json', ...args]));

test('create, ls, inspect, rm and prune work as with docker', async () => {
  expect(await store.expectOk(['volume', 'create', '--label', 'a=b', 'named'])).toBe('named\n');
  expect(await store.expectOk(['volume', 'ls'])).toMatch(/^DRIVER +VOLUME NAME\nlocal +named\n$/);
  expect(JSON.parse(await store.expectOk(['volume', 'inspect', 'named']))).toMatchObject([
    { Name: 'named', Labels: { a: 'b' } },
  ]);
  const anonymous = (await store.expectOk(['volume', 'create'])).trim();
  expect(await store.expectOk(['volume', 'prune', '-f'])).toContain(anonymous);
  expect(await store.expectOk(['volume', 'ls', '-q'])).toBe('named\n');
  expect(await store.expectOk(['volume', 'rm', 'named'])).toBe('named\n');
  expect(await store.call(['volume', 'rm', 'named'])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no such volume'),
  });
});

test('what is imported is exported as it was', async () => {
  const digest = createHash('sha256')
    .update(await readFile(tar))
    .digest('hex');

  expect((await shell(`"$TSMACHINE" volume import whole < ${tar}`)).stdout).toContain(`sha256:${digest}`);
  const out = join(store.path, 'out');
  await mkdir(out);
  await shell(`"$TSMACHINE" volume export whole | tar --xattrs --xattrs-include='*' -xpf - -C ${out}`);

  const seen = execFileSync(
    'sh',
    [
      '-ec',
      `stat -c '%n %u:%g %a %F %h' . sub/file hard pipe device absolute; readlink absolute; stat -c %.9Y big
      getfattr --only-values -n user.note sub/file; echo; cmp big ../tree/big; stat -c %s sparse; ls | wc -l`,
    ],
    { cwd: out },
  ).toString();
  expect(seen).toBe(`. 70:71 2750 directory 3
sub/file 1234:56 4711 regular file 2
hard 1234:56 4711 regular file 2
pipe 0:71 644 fifo 1
device 0:71 644 character special file 1
absolute 0:71 777 symbolic link 1
/etc/passwd
${execFileSync('stat', ['-c', '%.9Y', 'tree/big'], { cwd: store.path }).toString().trim()}
kept
31457280
8
`);
});

test('a copy is the same to the byte; copied again, only what differs is sent', async () => {
  expect(await copied('one:whole', 'two:whole')).toMatchObject({ removed: 0, extra: 0 });
  expect((await exported('two', 'whole')).equals(await exported('one', 'whole'))).toBe(true);

  expect(await copied('one:whole', 'two:whole')).toMatchObject({ sent: 0 });

  const more = join(store.path, 'more');
  await mkdir(join(more, 'sub'), { recursive: true });
  await writeFile(join(more, 'sub', 'new'), 'new');
  await shell(`tar -c -C ${more} sub/new | "$TSMACHINE" volume import whole`);
  const again = await copied('one:whole', 'two:whole');
  expect(again.sent).toBeLessThanOrEqual(3); // the file, and the directories whose times it has changed
  expect((await exported('two', 'whole')).equals(await exported('one', 'whole'))).toBe(true);
});

test('what is at the target only is kept and told, or removed with --delete', async () => {
  await shell(`tar -c -C ${join(store.path, 'more')} sub/new | "$TSMACHINE" volume import -m two extra`);
  await shell(`"$TSMACHINE" volume import -m one extra < ${tar}`);

  const kept = await store.call(['volume', 'copy', 'one:extra', 'two:extra']);
  expect(kept).toMatchObject({ code: 0, stderr: expect.stringContaining('1 files are at the target only') });
  expect(await copied('--delete', 'one:extra', 'two:extra')).toMatchObject({ removed: 1, extra: 0 });
  expect((await exported('two', 'extra')).equals(await exported('one', 'extra'))).toBe(true);
});

test('a copy that was killed goes on where it was', async () => {
  const tree = join(store.path, 'many');
  await mkdir(tree);
  for (let i = 0; i < 60; i++) await writeFile(join(tree, `f${i}`), randomBytes(2_000_000));
  await shell(`tar -c -C ${tree} . | "$TSMACHINE" volume import many`);
  const argv = [launcher, 'volume', 'copy', 'one:many', 'two:many'];
  const child = start(argv, { stdio: 'ignore', env: store.env, detached: true });
  const names = async () => (await store.call(['volume', 'ls', '-m', 'two', '-q'])).stdout;
  await waitUntil(async () => (/^many$/m.test(await names()) ? true : undefined), {
    what: 'the copy',
    timeoutMs: 60_000,
    intervalMs: 10,
  });
  process.kill(-(child.pid ?? 0), 'SIGKILL');
  await exitOf(child, argv).catch(() => {});

  const result = await copied('one:many', 'two:many');

  expect(result.entries).toBe(61);
  expect((await exported('two', 'many')).equals(await exported('one', 'many'))).toBe(true);
});

test('a volume in use is told', async () => {
  const image = await buildTinyImage(store.path);
  await store.expectOk(['load', '-i', image]);
  await store.expectOk(['run', '-d', '--name', 'writer', '-v', 'busy:/b', 'busybox', 'sleep', '1000']);

  const outcome = await store.call(['volume', 'copy', 'one:busy', 'two:busy']);

  expect(outcome).toMatchObject({
    code: 0,
    stderr: expect.stringContaining('volume "busy" of "one" is in use by writer'),
  });
});

test('what is wrong is named', async () => {
  const cases: readonly [string[], string][] = [
    [['volume', 'copy', 'one:nothing', 'two:x'], 'volume "nothing" does not exist on "one"'],
    [['volume', 'copy', 'one', 'two:x'], '"one" names no volume of a machine'],
    [['volume', 'export', 'nothing', '-o', join(store.path, 'no.tar')], 'no such volume'],
    [['volume', 'import', '-i', launcher, 'broken'], 'tar'],
  ];
  for (const [args, words] of cases) {
    expect(await store.call(args)).toMatchObject({ stderr: expect.stringContaining(words) });
  }
  await expect(stat(join(store.path, 'no.tar'))).rejects.toThrow('ENOENT');
});
