import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  forgetInit,
  identify,
  isAlive,
  recordInit,
  runningInit,
  signalProcess,
} from '../../../../src/drivers/sandbox/processes.js';
import { exitOf, start } from '../../../../src/shared/spawn.js';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tsmachine-init-'));
});
afterEach(() => rm(directory, { recursive: true }));

test('runningInit() gives the recorded process while it lives', async () => {
  const argv = ['sleep', '60'];
  const child = start(argv, { stdio: 'ignore' });
  const identity = await identify(child.pid ?? 0);
  if (!identity) throw new Error('not started');
  await recordInit(directory, identity);

  expect(await runningInit(directory)).toEqual(identity);

  await signalProcess(identity, 'SIGKILL');
  await exitOf(child, argv);
  expect(await runningInit(directory)).toBeUndefined();
  await signalProcess(identity, 'SIGKILL');
});

test('runningInit() does not trust a process id that another process has by now', async () => {
  const identity = await identify(process.pid);
  if (!identity) throw new Error('this process is not there');

  await recordInit(directory, { ...identity, startTime: '1' });
  expect(await runningInit(directory)).toBeUndefined();

  await recordInit(directory, { ...identity, bootId: 'of an earlier boot' });
  expect(await runningInit(directory)).toBeUndefined();
  expect(await isAlive(identity)).toBe(true);
});

test.each(['', '{"pid":1', '[]', '{"pid":"1"}'])(
  'runningInit() finds nothing in a damaged record %j',
  async (text) => {
    await writeFile(join(directory, 'init.json'), text);

    expect(await runningInit(directory)).toBeUndefined();
  },
);

test('forgetInit() succeeds when there is nothing to forget', async () => {
  await forgetInit(directory);

  expect(await runningInit(directory)).toBeUndefined();
});
