import { createdState } from '../../../../../src/agent/engine/containers/state.js';
import { humanDuration, statusText } from '../../../../../src/agent/engine/containers/status-text.js';

const second = 1000;
const hour = 3600 * second;
const day = 24 * hour;

test.each([
  [0, 'Less than a second'],
  [second, '1 second'],
  [59 * second, '59 seconds'],
  [60 * second, 'About a minute'],
  [59 * 60 * second, '59 minutes'],
  [hour, 'About an hour'],
  [1.5 * hour, '2 hours'],
  [47 * hour, '47 hours'],
  [48 * hour, '2 days'],
  [13 * day, '13 days'],
  [14 * day, '2 weeks'],
  [60 * day, '2 months'],
  [730 * day, '2 years'],
])('humanDuration() says of %i ms "%s"', (milliseconds, text) => {
  expect(humanDuration(milliseconds)).toBe(text);
});

test('statusText() says what docker ps shows', () => {
  const now = Date.parse('2026-11-23T12:00:10Z');
  const ran = { ...createdState, startedAt: '2026-11-23T12:00:00Z', finishedAt: '2026-11-23T12:00:07Z' };

  expect(statusText(createdState, now)).toBe('Created');
  expect(statusText({ ...ran, status: 'running' }, now)).toBe('Up 10 seconds');
  expect(statusText({ ...ran, status: 'paused' }, now)).toBe('Up 10 seconds (Paused)');
  expect(statusText({ ...ran, status: 'exited', exitCode: 137 }, now)).toBe('Exited (137) 3 seconds ago');
  expect(statusText({ ...ran, status: 'restarting', exitCode: 1 }, now)).toBe('Restarting (1) 3 seconds ago');
  expect(statusText({ ...ran, status: 'removing' }, now)).toBe('Removal In Progress');
  expect(statusText({ ...ran, status: 'dead' }, now)).toBe('Dead');
});
