import { parseSshWords } from '../../../src/cli/ssh-words.js';

test.each([
  [[], { terminal: false, command: undefined }],
  [['-t'], { terminal: true, command: undefined }],
  [['df', '-h', '/'], { terminal: false, command: 'df -h /' }],
  [['-t', 'top', '-d', '1'], { terminal: true, command: 'top -d 1' }],
  [['--', '-odd'], { terminal: false, command: '-odd' }],
  [['cat; exit 7'], { terminal: false, command: 'cat; exit 7' }],
])('parseSshWords(%j)', (words, expected) => {
  expect(parseSshWords(words)).toEqual(expected);
});

test('parseSshWords() refuses options of the ssh program', () => {
  expect(() => parseSshWords(['-L', '80:x:80'])).toThrow(expect.objectContaining({ code: 'OPTION_UNKNOWN' }));
});
