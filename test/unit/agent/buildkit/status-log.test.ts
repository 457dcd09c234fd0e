import { StatusLog } from '../../../../src/agent/buildkit/status/status-log.js';

const timestamp = { seconds: 1, nanos: 0 };

async function text(log: StatusLog): Promise<string> {
  let all = '';
  for await (const { logs } of log.read(new AbortController().signal)) {
    for (const { msg } of logs ?? []) all += Buffer.from(msg ?? []).toString();
  }
  return all;
}

test('a reader who comes late gets what was told', async () => {
  const log = new StatusLog();
  await log.write('v', 1, Buffer.from('a'), timestamp);
  log.tell({ warnings: [] });
  await log.write('v', 1, Buffer.from('b'), timestamp);
  log.close();

  expect(await text(log)).toBe('ab');
});

test('output that nobody reads is clipped', async () => {
  const log = new StatusLog();
  for (let at = 0; at < 100; at++) await log.write('v', 1, Buffer.alloc(100_000, 'x'), timestamp);
  log.close();

  const all = await text(log);

  expect(all.length).toBeLessThan(2_300_000);
  expect(all).toMatch(/x\[output clipped, log limit 2MiB reached\]\n$/);
});

test('who writes faster than the reader reads waits', async () => {
  const log = new StatusLog();
  const reading = log.read(new AbortController().signal);
  log.tell({});
  await reading.next();
  let written = 0;
  const writing = (async () => {
    for (let at = 0; at < 100; at++) {
      await log.write('v', 1, Buffer.alloc(100_000), timestamp);
      written += 100_000;
    }
    log.close();
  })();
  await new Promise(setImmediate);
  const before = written;

  for await (const _ of reading);
  await writing;

  expect(before).toBeLessThan(1_500_000);
  expect(written).toBe(10_000_000);
});
