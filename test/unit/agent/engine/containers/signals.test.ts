import { signalNumber } from '../../../../../src/agent/engine/containers/signals.js';

test.each([
  ['SIGTERM', 15],
  ['term', 15],
  ['9', 9],
  ['RTMIN+3', 37],
  ['SIGRTMAX-1', 63],
])('signalNumber() reads %s', (signal, number) => {
  expect(signalNumber(signal)).toBe(number);
});

test.each(['FOO', '0', '65', 'RTMIN-1', 'SIG', '-9'])(
  'signalNumber() refuses %s in the words of Docker',
  (signal) => {
    expect(() => signalNumber(signal)).toThrow(`invalid signal: ${signal}`);
  },
);
