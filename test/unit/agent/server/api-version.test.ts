import { checkVersion, splitVersion } from '../../../../src/agent/server/api-version.js';

test('splitVersion() takes the prefix off, and the newest version where there is none', () => {
  expect(splitVersion('/v1.41/containers/json')).toEqual({ version: '1.41', path: '/containers/json' });
  expect(splitVersion('/info')).toEqual({ version: '1.47', path: '/info' });
  expect(splitVersion('/version')).toEqual({ version: '1.47', path: '/version' });
});

test('checkVersion() refuses what is too old or too new in the words of Docker', () => {
  expect(() => checkVersion('1.23')).toThrow(
    'client version 1.23 is too old. Minimum supported API version is 1.24, please upgrade your client to a newer version',
  );
  expect(() => checkVersion('1.48')).toThrow(
    'client version 1.48 is too new. Maximum supported API version is 1.47',
  );
  expect(() => checkVersion('1.24')).not.toThrow();
  expect(() => checkVersion('1.47')).not.toThrow();
});

test('checkVersion() compares numbers, not text', () => {
  expect(() => checkVersion('1.5')).toThrow('too old');
  expect(() => checkVersion('2.0')).toThrow('too new');
});
