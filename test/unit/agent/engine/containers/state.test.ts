import {
  type ContainerState,
  createdState,
  isRunning,
  type StateEvent,
  transition,
} from '../../../../../src/agent/engine/containers/state.js';

const at = '2026-11-23T20:54:48Z';
const launched: StateEvent = { type: 'launched', pid: 42, at, probed: false };
const exited: StateEvent = { type: 'exited', exitCode: 3, at, oomKilled: false, restarting: false };

function after(...events: readonly StateEvent[]): ContainerState {
  return events.reduce(transition, createdState);
}

test('transition() follows a life from creation to exit', () => {
  expect(after(launched)).toMatchObject({ status: 'running', pid: 42, starting: true, startedAt: at });
  expect(after(launched, { type: 'started' })).toMatchObject({ status: 'running', starting: false });
  expect(after(launched, exited)).toMatchObject({ status: 'exited', pid: 0, exitCode: 3, finishedAt: at });
});

test('transition() clears what the last run has left', () => {
  expect(after(launched, exited, launched)).toMatchObject({ exitCode: 0, error: '', oomKilled: false });
});

test('transition() leaves a container that has never run as created when its start fails', () => {
  const failed: StateEvent = { type: 'start-failed', exitCode: 127, error: 'not found' };

  expect(after(failed)).toMatchObject({ status: 'created', exitCode: 127, error: 'not found' });
  expect(after(launched, exited, failed)).toMatchObject({ status: 'exited', exitCode: 127 });
});

test('transition() takes a paused container for a running one', () => {
  const paused = after(launched, { type: 'paused' });

  expect(paused.status).toBe('paused');
  expect(isRunning(paused)).toBe(true);
  expect(transition(paused, exited).status).toBe('exited');
});

test('transition() waits for a restart until it is given up', () => {
  const waiting = after(launched, { ...exited, restarting: true });

  expect(waiting.status).toBe('restarting');
  expect(transition(waiting, launched).status).toBe('running');
  expect(transition(waiting, { type: 'restart-given-up' }).status).toBe('exited');
});

test.each<[string, readonly StateEvent[]]>([
  ['start what runs', [launched, launched]],
  ['pause what does not run', [{ type: 'paused' }]],
  ['remove what runs', [launched, { type: 'removing' }]],
  ['start what is being removed', [{ type: 'removing' }, launched]],
  ['end what has ended', [launched, exited, exited]],
])('transition() refuses to %s', (_, events) => {
  expect(() => after(...events)).toThrow('cannot become');
});
