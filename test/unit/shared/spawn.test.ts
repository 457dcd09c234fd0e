import { run, runOrThrow } from '../../../src/shared/spawn.js';

test('run() gives exit code and both outputs', async () => {
  expect(await run(['sh', '-c', 'cat; echo err >&2; exit 3'], { input: 'in' })).toEqual({
    code: 3,
    stdout: 'in',
    stderr: 'err\n',
  });
});

test('run() is not disturbed by a program that does not read its input', async () => {
  const { code } = await run(['true'], { input: Buffer.alloc(1_000_000) });

  expect(code).toBe(0);
});

test('run() kills a program at the deadline', async () => {
  await expect(run(['sleep', '60'], { timeoutMs: 50 })).rejects.toMatchObject({ code: 'COMMAND_TIMEOUT' });
});

test('run() names a program that is not there', async () => {
  await expect(run(['no-such-program'])).rejects.toMatchObject({
    code: 'COMMAND_NOT_STARTED',
    message: expect.stringContaining('"no-such-program"'),
  });
});

test("runOrThrow() says the program's last words", async () => {
  await expect(runOrThrow(['sh', '-c', 'echo broken >&2; exit 1'])).rejects.toThrow('broken');
});
