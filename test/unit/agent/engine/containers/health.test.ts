import {
  beginHealth,
  type Health,
  healthWithoutMonitor,
  probedHealth,
} from '../../../../../src/agent/engine/containers/health/health.js';
import {
  healthPlan,
  mergeHealthcheck,
  validateHealthcheck,
} from '../../../../../src/agent/engine/containers/health/healthcheck.js';
import { goDuration } from '../../../../../src/agent/engine/containers/health/probe.js';

function after(codes: readonly number[], { retries = 3, inStartPeriod = false } = {}): Health {
  const probes = codes.map((ExitCode, index) => ({ Start: '', End: '', ExitCode, Output: String(index) }));
  return probes.reduce(
    (health, result) => probedHealth(health, { result, retries, inStartPeriod }),
    beginHealth(undefined),
  );
}

test('probedHealth() is healthy after one success and unhealthy after so many failures in a row', () => {
  expect(after([])).toMatchObject({ status: 'starting', failingStreak: 0 });
  expect(after([1, 0])).toMatchObject({ status: 'healthy', failingStreak: 0 });
  expect(after([0, 1, 1])).toMatchObject({ status: 'healthy', failingStreak: 2 });
  expect(after([0, 1, 1, -1])).toMatchObject({ status: 'unhealthy', failingStreak: 3 });
});

test('probedHealth() does not count failures of the start period until the first success', () => {
  expect(after([1, 1, 1, 1], { inStartPeriod: true })).toMatchObject({
    status: 'starting',
    failingStreak: 0,
  });
  expect(after([0, 1, 1, 1], { inStartPeriod: true })).toMatchObject({ status: 'unhealthy' });
});

test('probedHealth() keeps the last five probes', () => {
  expect(after([1, 1, 1, 1, 1, 1, 0]).log.map(({ Output }) => Output)).toEqual(['2', '3', '4', '5', '6']);
});

test('beginHealth() keeps the log of earlier runs', () => {
  const ended = healthWithoutMonitor(after([0]));

  expect(ended.status).toBe('unhealthy');
  expect(beginHealth(ended)).toMatchObject({ status: 'starting', failingStreak: 0, log: [{ ExitCode: 0 }] });
});

test('healthPlan() reads CMD and CMD-SHELL, with Docker’s defaults', () => {
  expect(healthPlan({ Healthcheck: { Test: ['CMD', 'a', 'b'] } })).toEqual({
    argv: ['a', 'b'],
    intervalMs: 30_000,
    timeoutMs: 30_000,
    startPeriodMs: 0,
    startIntervalMs: 5_000,
    retries: 3,
  });
  expect(healthPlan({ Healthcheck: { Test: ['CMD-SHELL', 'a b'], Interval: 1e9 } })).toMatchObject({
    argv: ['/bin/sh', '-c', 'a b'],
    intervalMs: 1000,
  });
  expect(healthPlan({ Healthcheck: { Test: ['CMD-SHELL', 'a'] }, Shell: ['ash', '-c'] })?.argv).toEqual([
    'ash',
    '-c',
    'a',
  ]);
});

test.each([[undefined], [{}], [{ Test: [] }], [{ Test: ['NONE'] }], [{ Test: ['WHAT', 'x'] }]])(
  'healthPlan() has none for %j',
  (Healthcheck) => {
    expect(healthPlan(Healthcheck ? { Healthcheck } : {})).toBeUndefined();
  },
);

test('mergeHealthcheck() takes from the image what the user leaves out', () => {
  const image = { Test: ['CMD', 'image'], Interval: 5e9, Retries: 7 };

  expect(mergeHealthcheck(undefined, image)).toBe(image);
  expect(mergeHealthcheck({ Interval: 1e9 }, image)).toMatchObject({
    Test: ['CMD', 'image'],
    Interval: 1e9,
    Retries: 7,
  });
  expect(mergeHealthcheck({ Test: ['NONE'] }, image)?.Test).toEqual(['NONE']);
});

test('validateHealthcheck() refuses times below a millisecond and negative retries', () => {
  expect(() => validateHealthcheck({ Interval: 999_999 })).toThrow(
    'Interval in Healthcheck cannot be less than 1ms',
  );
  expect(() => validateHealthcheck({ StartPeriod: -1 })).toThrow('StartPeriod');
  expect(() => validateHealthcheck({ Retries: -1 })).toThrow('Retries in Healthcheck cannot be negative');
});

test.each([
  [300, '300ms'],
  [1000, '1s'],
  [1500, '1.5s'],
  [90_000, '1m30s'],
  [3_600_000, '1h0m0s'],
])('goDuration() prints %d ms as %s', (milliseconds, text) => {
  expect(goDuration(milliseconds)).toBe(text);
});
