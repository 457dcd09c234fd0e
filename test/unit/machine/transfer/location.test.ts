import { locationText, nameOf, parseLocation } from '../../../../src/machine/transfer/location.js';

const local = (path: string) => ({ kind: 'local', path });
const remote = (machine: string, path: string, user?: string) => ({ kind: 'remote', machine, user, path });

test.each([
  ['file', local('file')],
  ['./web:file', local('./web:file')],
  ['/a/web:b', local('/a/web:b')],
  ['web:file', remote('web', 'file')],
  ['web:', remote('web', '.')],
  ['web:a:b', remote('web', 'a:b')],
  ['root@web:/etc/hosts', remote('web', '/etc/hosts', 'root')],
  ['localhost:/etc/hosts', local('/etc/hosts')],
  ['localhost:', local('.')],
  ['c:/dir', remote('c', '/dir')],
])('parseLocation(%j) on Linux', (text, expected) => {
  expect(parseLocation(text, 'linux')).toEqual(expected);
});

test.each(['C:\\dir\\file', 'c:/dir', 'D:file', '.\\file'])(
  'parseLocation(%j) on Windows is a path',
  (text) => {
    expect(parseLocation(text, 'win32')).toEqual(local(text));
  },
);

test('parseLocation() on Windows still knows machines', () => {
  expect(parseLocation('web:C:\\x', 'win32')).toEqual(remote('web', 'C:\\x'));
});

test.each([
  ['web:/srv/data', 'data'],
  ['web:/srv/data/', 'data'],
  ['web:.', ''],
  ['web:..', ''],
  ['web:/', ''],
  ['dir/', 'dir'],
])('nameOf(%j) is %j', (text, expected) => {
  expect(nameOf(parseLocation(text, 'linux'))).toBe(expected);
});

test('locationText() is what parseLocation() read', () => {
  for (const text of ['a', 'web:b', 'u@web:b']) expect(locationText(parseLocation(text, 'linux'))).toBe(text);
});
