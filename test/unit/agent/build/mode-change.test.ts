import { parseModeChange } from '../../../../src/agent/build/copy/mode-change.js';

test.each([
  ['644', 0o777, false, 0o644],
  ['0', 0o777, false, 0],
  ['4755', 0o600, false, 0o4755],
  ['u=rwX,go=rX', 0o600, false, 0o644],
  ['u=rwX,go=rX', 0o700, false, 0o755],
  ['u=rwX,go=rX', 0o600, true, 0o755],
  ['+x', 0o644, false, 0o755],
  ['go-rwx', 0o4777, false, 0o4700],
  ['a=r', 0o751, false, 0o444],
  ['u+s,g+s,+t', 0o755, false, 0o7755],
  ['ug+w-x', 0o555, false, 0o665],
  ['o=', 0o777, false, 0o770],
])('--chmod=%s of %o (a directory: %s) gives %o', (text, mode, isDirectory, wanted) => {
  expect(parseModeChange(text)(mode, isDirectory)).toBe(wanted);
});

test.each(['8', '77777', 'u', 'u=q', 'z+x', '', 'u+x,', '+x u+w'])('--chmod=%j is refused', (text) => {
  expect(() => parseModeChange(text)).toThrow('invalid chmod parameter');
});
