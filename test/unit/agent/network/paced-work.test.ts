import { PacedWork } from '../../../../src/agent/network/paced-work.js';
import type { Clock } from '../../../../src/shared/clock.js';

/** Work that takes a second of a time that passes only while it is done, or slept; and how long was slept. */
function working() {
  let now = 0;
  let times = 0;
  const slept: number[] = [];
  const clock: Clock = {
    now: () => now,
    async sleep(milliseconds) {
      slept.push(milliseconds);
      now += milliseconds;
    },
  };
  const work = async () => {
    times += 1;
    now += 1_000;
  };
  return { slept, times: () => times, paced: new PacedWork(work, { share: 0.1, clock }) };
}

/** All promises that can go on have gone on. */
async function settled(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}

test('work is done at once, and what is asked for meanwhile once after a rest in proportion', async () => {
  const { times, slept, paced } = working();

  paced.ask();
  expect(times()).toBe(1);
  paced.ask();
  paced.ask();
  expect(times()).toBe(1);
  await settled();
  expect(times()).toBe(2);
  expect(slept).toEqual([10_000, 10_000]);
});

test('after its rest work is done at once again', async () => {
  const { times, paced } = working();

  paced.ask();
  await settled();
  paced.ask();
  expect(times()).toBe(2);
});

test('nothing is done any more when it is disposed', async () => {
  const { times, paced } = working();

  paced.ask();
  paced.ask();
  paced[Symbol.dispose]();
  await settled();
  expect(times()).toBe(1);
});
