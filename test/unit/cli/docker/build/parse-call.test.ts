import { parseCall } from '../../../../../src/cli/docker/build/call/parse-call.js';

test.each([
  [{ call: 'outline' }, 'outline', 'text'],
  [{ call: 'check,format=json' }, 'lint', 'json'],
  [{ call: 'format=json,lint' }, 'lint', 'json'],
  [{ check: true }, 'lint', 'text'],
  [{ check: true, call: 'lint,format=json' }, 'lint', 'json'],
])('%j asks for %s as %s', (flags, question, format) => {
  expect(parseCall(flags)).toMatchObject({ question, format, ignoresStatus: false });
});

test('nothing, and "build", is a build', () => {
  expect(parseCall({})).toBeUndefined();
  expect(parseCall({ call: 'build' })).toBeUndefined();
  expect(parseCall({ call: 'check,ignorestatus=true' })?.ignoresStatus).toBe(true);
});

test.each(['a,b', 'outline,colour=red', 'outline,format=xml', 'format=json'])('"%s" is refused', (call) => {
  expect(() => parseCall({ call })).toThrow('--call');
});

test('a check and another question at once are refused', () => {
  expect(() => parseCall({ check: true, call: 'targets' })).toThrow('give one of them');
});
