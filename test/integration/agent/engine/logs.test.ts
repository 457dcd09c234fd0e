import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { AgentLab } from './support/agent-lab.js';

let lab: AgentLab;
beforeAll(async () => {
  lab = await AgentLab.start();
});
afterAll(async () => lab[Symbol.asyncDispose]());

async function output(...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await lab.docker(args);
  if (code !== 0) throw new Error(`docker ${args.join(' ')}: ${stderr}`);
  return stdout.trim();
}

const run = (options: readonly string[], script: string) =>
  output('run', '-d', '--network', 'none', ...options, 'busybox', 'sh', '-c', script);
/** Waits for input at every 2000th line, so that the log is rotated while it is written. */
const counting =
  'i=0; while [ $i -lt 12000 ]; do i=$((i+1)); echo line $i; [ $((i%2000)) = 0 ] && usleep 300000; done';
const numbersIn = (text: string) => text.split('\n').map((line) => Number(line.slice('line '.length)));

test.each([
  ['json-file', ['--log-opt', 'max-size=80k', '--log-opt', 'max-file=3'], /^container\.log(\.[12])?$/],
  ['local', ['--log-opt', 'max-size=80k', '--log-opt', 'max-file=3'], /^container\.log(\.[12]\.gz)?$/],
])('%s rotates the log; a client that follows it sees every line', async (driver, options, names) => {
  const id = await run(['--log-driver', driver, ...options], counting);

  const followed = numbersIn(await output('logs', '-f', id));

  expect(followed).toEqual(Array.from({ length: 12_000 }, (_, index) => index + 1));
  const kept = numbersIn(await output('logs', id));
  expect(kept.length).toBeLessThan(12_000);
  expect(kept).toEqual(followed.slice(-kept.length));
  expect(numbersIn(await output('logs', '--tail', '3000', id))).toEqual(followed.slice(-3000));
  const files = (await readdir(join(lab.directory, 'data', 'containers', id))).filter((name) =>
    /log/.test(name),
  );
  expect(files).toHaveLength(3);
  for (const name of files) expect(name).toMatch(names);
});

test('--details shows what the options keep', async () => {
  const id = await run(
    ['--label', 'a=b', '-e', 'E=f', '--log-opt', 'labels=a', '--log-opt', 'env=E'],
    'echo hi',
  );
  await output('wait', id);

  expect(await output('logs', '--details', id)).toBe('E=f,a=b hi');
});

test('"none" cannot be read, and unknown drivers and options are refused', async () => {
  const id = await run(['--log-driver', 'none'], 'echo hi');

  expect((await lab.docker(['logs', id])).stderr).toContain(
    'configured logging driver does not support reading',
  );
  expect(await lab.request('GET', `/containers/${id}/logs`)).toMatchObject({ status: 400 });
  const refused = async (...options: string[]) => (await lab.docker(['run', ...options, 'busybox'])).stderr;
  expect(await refused('--log-driver', 'nope')).toContain("logger: no log driver named 'nope' is registered");
  expect(await refused('--log-driver', 'gelf')).toContain(
    'log driver "gelf" is not supported by this engine',
  );
  expect(await refused('--log-opt', 'nope=1')).toContain("unknown log opt 'nope' for json-file log driver");
});
