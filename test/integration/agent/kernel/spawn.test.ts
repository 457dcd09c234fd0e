import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readdirSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { exitOf, run, runOrThrow, start } from '../../../../src/agent/kernel/spawn.js';
import { run as nodeRun } from '../../../../src/shared/spawn.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp('/tmp/spawn-');
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

test('run() gives exit code and both outputs', async () => {
  expect(await run(['sh', '-c', 'cat; echo err >&2; exit 3'], { input: 'in' })).toEqual({
    code: 3,
    stdout: 'in',
    stderr: 'err\n',
  });
});

test('run() takes more output than a pipe holds', async () => {
  const { stdout } = await run(['head', '-c', '1000000', '/dev/zero']);

  expect(stdout).toHaveLength(1_000_000);
});

test('run() is not disturbed by a program that does not read its input', async () => {
  const { code } = await run(['true'], { input: Buffer.alloc(1_000_000) });

  expect(code).toBe(0);
});

test('run() knows that a signal ended the program', async () => {
  expect(await run(['sh', '-c', 'kill -9 $$'])).toMatchObject({ code: undefined });
});

test('run() kills a program at the deadline', async () => {
  await expect(run(['sleep', '600'], { timeoutMs: 50 })).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
});

test('run() ends a program on abort', async () => {
  const controller = new AbortController();
  const running = run(['sleep', '600'], { signal: controller.signal });
  controller.abort();

  await expect(running).rejects.toMatchObject({ code: 'COMMAND_NOT_STARTED' });
});

test.each([['no-such-program'], ['/etc/hostname'], ['/']])(
  'run() names %s, which cannot be run',
  async (file) => {
    await expect(run([file])).rejects.toMatchObject({
      code: 'COMMAND_NOT_STARTED',
      message: expect.stringContaining(`"${file}"`),
    });
  },
);

test("runOrThrow() says the program's last words", async () => {
  await expect(runOrThrow(['sh', '-c', 'echo broken >&2; exit 1'])).rejects.toThrow('broken');
});

test('a program has the environment and the directory that it is given', async () => {
  const { stdout } = await run(['sh', '-c', 'echo "$A"; pwd'], {
    env: { PATH: process.env['PATH'], A: 'ä b' },
    cwd: directory,
  });

  expect(stdout).toBe(`ä b\n${directory}\n`);
});

test('a program has the descriptors that it is given', async () => {
  const file = openSync(join(directory, 'out'), constants.O_WRONLY | constants.O_CREAT);
  const argv = ['sh', '-c', 'echo third >&3'];
  const code = await exitOf(start(argv, { stdio: ['ignore', 'ignore', 'ignore', file] }), argv);
  closeSync(file);

  expect(code).toBe(0);
  expect(await readFile(join(directory, 'out'), 'utf8')).toBe('third\n');
});

test.each([
  ['no descriptor', ['ls', '/proc/self/fd']],
  ['no signal blocked or ignored', ['grep', '^Sig[BI]', '/proc/self/status']],
])('a program has %s but those that Node would give it', async (_what, argv) => {
  expect(await run(argv)).toEqual(await nodeRun(argv));
});

test.each([
  { detached: true, own: true },
  { detached: false, own: false },
])('detached: $detached, a session of its own: $own', async ({ detached, own }) => {
  const file = openSync(join(directory, 'out'), constants.O_WRONLY | constants.O_CREAT);
  const argv = ['sh', '-c', 'echo $$; cut -d" " -f6 /proc/$$/stat'];
  await exitOf(start(argv, { stdio: ['ignore', file, 'ignore'], detached }), argv);
  closeSync(file);
  const [pid, session] = (await readFile(join(directory, 'out'), 'utf8')).split('\n');

  expect(session === pid).toBe(own);
});

test('many at once end as they should', async () => {
  const codes = await Promise.all(
    Array.from({ length: 50 }, (_, index) => run(['sh', '-c', `exit ${index}`])),
  );

  expect(codes.map(({ code }) => code)).toEqual(Array.from({ length: 50 }, (_, index) => index));
});

test('a program for which no descriptors are left is not started, and leaves none open', async () => {
  const open = () => readdirSync('/proc/self/fd').length;
  const before = open();
  const failed = withDescriptorsLeft(3, () => start(['true'], { stdio: ['pipe', 'pipe', 'pipe'] }));
  const code = await new Promise((resolve) =>
    failed.once('error', (error: NodeJS.ErrnoException) => resolve(error.code)),
  );
  expect(code).toBe('EMFILE');
  expect(open()).toBe(before);
});

/** Calls while only so many descriptors can be opened. */
function withDescriptorsLeft<T>(count: number, call: () => T): T {
  const limit = execFileSync('sh', ['-c', 'ulimit -Sn'], { encoding: 'utf8' }).trim();
  const setLimit = (soft: string) =>
    execFileSync('prlimit', ['--pid', String(process.pid), `--nofile=${soft}:`]);
  const held: number[] = [];
  setLimit('400');
  try {
    for (let left = 400; left > 0; left -= 1) held.push(...openedNull());
    for (const fd of held.splice(0, count)) closeSync(fd);
    return call();
  } finally {
    for (const fd of held) closeSync(fd);
    setLimit(limit);
  }
}

function openedNull(): readonly number[] {
  try {
    return [openSync('/dev/null', 'r')];
  } catch {
    return []; // that was the last
  }
}
