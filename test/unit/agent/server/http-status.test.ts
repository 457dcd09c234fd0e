import { httpStatus } from '../../../../src/agent/server/http-status.js';
import { type ErrorKind, TsmachineError } from '../../../../src/shared/errors.js';

test.each<[ErrorKind, number]>([
  ['invalid-argument', 400],
  ['unauthenticated', 401],
  ['permission-denied', 403],
  ['not-found', 404],
  ['already-exists', 409],
  ['conflict', 409],
  ['not-modified', 304],
  ['not-implemented', 501],
  ['unavailable', 503],
  ['internal', 500],
])('httpStatus() answers %s with %i', (kind, status) => {
  expect(httpStatus(new TsmachineError(kind, 'X', 'x'))).toBe(status);
});

test('httpStatus() takes anything else for a fault of ours', () => {
  expect(httpStatus(new Error('x'))).toBe(500);
  expect(httpStatus('x')).toBe(500);
});
