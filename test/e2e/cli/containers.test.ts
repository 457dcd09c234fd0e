import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { type CommandResult, exitOf, run, runOrThrow, start } from '../../../src/shared/spawn.js';
import { buildTinyImage } from '../../support/tiny-image.js';
import { createTestStore, type TestStore } from '../../support/tsmachine.js';

const launcher = resolve('bin/tsmachine.cjs');

let store: TestStore;

beforeAll(async () => {
  store = await createTestStore();
  await store.expectOk(['create', 'boxes'], { timeoutMs: 300_000 });
  await store.expectOk(['use', 'boxes']);
  const tar = await buildTinyImage(store.path);
  expect(await store.expectOk(['load', '-i', tar])).toContain('Loaded image: busybox:latest');
}, 320_000);
afterAll(() => store[Symbol.asyncDispose]());

/** `tsmachine` in a shell, for pipes and terminals. */
function shell(script: string): Promise<CommandResult> {
  const env = { ...store.env, TSMACHINE: launcher };
  return run(['bash', '-o', 'pipefail', '-c', script], { env, timeoutMs: 100_000 });
}

test('run parts stdout from stderr, keeps all words in order and passes the exit code on', async () => {
  const script = 'echo "$@"; echo err >&2; exit 42';
  const outcome = await store.call([
    'run',
    '--rm',
    'busybox',
    'sh',
    '-c',
    script,
    'sh',
    'a',
    '--help',
    'a',
    '-m',
    '--',
  ]);

  expect(outcome).toEqual({ code: 42, stdout: 'a --help a -m --\n', stderr: 'err\n' });
});

test.each([
  [127, ['busybox', 'no-such-command'], /executable file not found/],
  [126, ['busybox', '/etc'], /permission denied|is a directory/],
  [125, ['--name', 'bad/name', 'busybox'], /Invalid container name/],
  [125, ['--pull', 'never', 'no-such-image'], /No such image/],
  [125, ['--publish', 'x', 'busybox'], /invalid value "x" for --publish/],
  [1, [], /the image is missing/], // as docker's
  [125, ['--machine', 'nobody', 'busybox'], /"nobody" does not exist/],
])('run exits with %d for %j', async (code, args, words) => {
  const outcome = await store.call(['run', '--rm', ...args]);

  expect(outcome).toMatchObject({ code, stdout: '', stderr: expect.stringMatching(words) });
});

test('run -i carries 100 MB through cat intact', async () => {
  const file = join(store.path, 'big');
  await writeFile(file, randomBytes(100 * 2 ** 20));
  const sent = (await runOrThrow(['sha256sum', file])).stdout.slice(0, 64);

  const outcome = await shell(`"$TSMACHINE" run --rm -i busybox cat < ${file} | sha256sum`);

  expect(outcome).toMatchObject({ code: 0, stdout: `${sent}  -\n` });
});

test('run ends although its input is still open', async () => {
  const argv = [launcher, 'run', '--rm', '-i', 'busybox', 'echo', 'done'];
  const child = start(argv, { stdio: ['pipe', 'ignore', 'inherit'], env: store.env });

  await expect(exitOf(child, argv)).resolves.toBe(0);
});

test('run -it gives a terminal of the size of this one, and run without a terminal refuses -t', async () => {
  const waits = 'until stty size | grep -q \\"33 99\\"; do sleep 0.1; done';
  const inside = `"$TSMACHINE" run --rm -it busybox sh -c "test -t 0 && test -t 1 && ${waits}; stty size; exit 6"`;
  const terminal = await shell(`script -qec 'stty rows 33 cols 99; ${inside}' /dev/null`);
  const pipe = await store.call(['run', '--rm', '-it', 'busybox', 'true']);

  expect(terminal).toMatchObject({ code: 6, stdout: expect.stringContaining('33 99') });
  expect(pipe).toMatchObject({ code: 1, stderr: expect.stringContaining('the input device is not a TTY') });
});

test('the detach keys leave the container running', async () => {
  const runs = `until "$TSMACHINE" ps --format '{{.Names}}' | grep -q left; do sleep 0.2; done`;
  const keys = `(${runs}; sleep 1; printf '\\020\\021'; sleep 2)`;
  const outcome = await shell(`${keys} | script -qec '"$TSMACHINE" run -it --name left busybox' /dev/null`);

  expect(outcome.code).toBe(0);
  expect(await store.expectOk(['ps', '--format', '{{.Names}} {{.State}}'])).toBe('left running\n');
  await store.expectOk(['exec', 'left', 'kill', '-9', '1']).catch(() => {});
});

test('a signal to run reaches the container', async () => {
  const trap = 'trap "echo bye; exit 3" INT; echo up; while :; do sleep 0.1; done';
  const outcome = await shell(
    `"$TSMACHINE" run --rm busybox sh -c '${trap}' & p=$!; sleep 4; kill -INT $p; wait $p`,
  );

  expect(outcome).toMatchObject({ code: 3, stdout: 'up\nbye\n' });
});

test('run -d, logs -f, ps and exec work on one container', async () => {
  const script = 'for i in 1 2 3; do echo line $i; sleep 1; done; echo last >&2; exit 7';
  const id = (await store.expectOk(['run', '-d', '--name', 'talker', 'busybox', 'sh', '-c', script])).trim();
  const exec = await store.call([
    'exec',
    '-e',
    'A=b',
    '-w',
    '/tmp',
    'talker',
    'sh',
    '-c',
    'echo $A $PWD; exit 5',
  ]);
  const piped = await store.call(['container', 'exec', '-i', 'talker', 'cat'], { input: 'text' });
  const logs = await store.call(['logs', '-f', 'talker']);

  expect(id).toMatch(/^[0-9a-f]{64}$/);
  expect(exec).toEqual({ code: 5, stdout: 'b /tmp\n', stderr: '' });
  expect(piped).toEqual({ code: 0, stdout: 'text', stderr: '' });
  expect(logs).toEqual({ code: 0, stdout: 'line 1\nline 2\nline 3\n', stderr: 'last\n' });
  expect(await store.expectOk(['logs', '--tail', '1', '-t', 'talker'])).toMatch(/^(\S+Z line 3\n)?$/);
  expect(
    await store.expectOk(['ps', '-a', '--filter', 'name=talker', '--format', '{{.ID}} {{.Status}}']),
  ).toMatch(new RegExp(`^${id.slice(0, 12)} Exited \\(7\\)`));
  expect(await store.expectOk(['ps', '-a'])).toMatch(
    /^CONTAINER ID +IMAGE +COMMAND +CREATED +STATUS +PORTS +NAMES\n/,
  );
});

test('images lists what was loaded', async () => {
  expect(await store.expectOk(['images', '--format', '{{.Repository}}:{{.Tag}}'])).toBe('busybox:latest\n');
  expect(await store.expectOk(['image', 'ls', 'other'])).toMatch(
    /^REPOSITORY +TAG +IMAGE ID +CREATED +SIZE\n$/,
  );
  expect(JSON.parse(await store.expectOk(['images', '--json']))).toMatchObject([
    { RepoTags: ['busybox:latest'] },
  ]);
});

test('what does not exist, or is no archive, is named and exits with 1', async () => {
  const calls: readonly [string[], string][] = [
    [['logs', 'nobody'], 'No such container: nobody'],
    [['exec', 'nobody', 'ls'], 'No such container: nobody'],
    [['load', '-i', '/no/such/file'], 'open /no/such/file: no such file or directory'],
    [['pull', '-q', '127.0.0.1:1/nothing'], '127.0.0.1:1'],
  ];
  for (const [args, words] of calls) {
    expect(await store.call(args)).toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringContaining(words),
    });
  }
});
