import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { lockFile } from '../../../src/shared/file-lock.js';
import { run } from '../../../src/shared/spawn.js';

let directory: string;
let path: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'lock-'));
  path = join(directory, 'lock');
});
afterEach(() => rm(directory, { recursive: true }));

test('lockFile() lets one holder in at a time', async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    await using _lock = await lockFile(path, { timeoutMs: 10_000 });
    most = Math.max(most, ++inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };

  await Promise.all(Array.from({ length: 8 }, work));

  expect(most).toBe(1);
});

test('lockFile() names the holder when the wait is over', async () => {
  await using _lock = await lockFile(path, { timeoutMs: 1000 });

  await expect(lockFile(path, { timeoutMs: 50 })).rejects.toMatchObject({
    code: 'FILE_LOCKED',
    message: expect.stringContaining(`process ${process.pid}`),
  });
});

test('lockFile() takes over the lock of a process that is gone', async () => {
  const gone = await run(['sh', '-c', 'echo $$']);
  await writeFile(path, gone.stdout);

  await using _lock = await lockFile(path, { timeoutMs: 5000 });

  expect(await readdir(directory)).toEqual(['lock']);
});

test('lockFile() stops waiting when the signal is aborted', async () => {
  await using _lock = await lockFile(path, { timeoutMs: 1000 });

  const waiting = lockFile(path, { timeoutMs: 60_000, signal: AbortSignal.timeout(20) });

  await expect(waiting).rejects.toMatchObject({ name: 'TimeoutError' });
});
