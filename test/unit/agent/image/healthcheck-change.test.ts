import { applyChanges } from '../../../../src/agent/image/config-changes.js';

const healthcheck = (text: string) => applyChanges({}, [`HEALTHCHECK ${text}`]).Healthcheck;

test('HEALTHCHECK takes a list, a line for the shell, or NONE', () => {
  expect(healthcheck('CMD ["curl", "x"]')).toEqual({ Test: ['CMD', 'curl', 'x'] });
  expect(healthcheck('CMD curl x || exit 1')).toEqual({ Test: ['CMD-SHELL', 'curl x || exit 1'] });
  expect(healthcheck('none')).toEqual({ Test: ['NONE'] });
});

test('HEALTHCHECK takes its flags in nanoseconds', () => {
  expect(healthcheck('--interval=1m30s --timeout=1.5s --start-period=5s --retries=2 CMD true')).toEqual({
    Test: ['CMD-SHELL', 'true'],
    Interval: 90e9,
    Timeout: 1.5e9,
    StartPeriod: 5e9,
    Retries: 2,
  });
});

test.each([
  ['CURL x', 'Unknown type "CURL" in HEALTHCHECK (try CMD)'],
  ['CMD', 'Missing command after HEALTHCHECK CMD'],
  ['NONE x', 'HEALTHCHECK NONE takes no arguments'],
  ['--interval=5 CMD x', 'invalid duration "5"'],
  ['--bogus=5 CMD x', 'unknown flag: bogus'],
])('HEALTHCHECK %s is refused', (text, message) => {
  expect(() => healthcheck(text)).toThrow(message);
});
