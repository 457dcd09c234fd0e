import { parseSshWords } from '../../../src/cli/ssh-words.js';

const nothing = { terminal: false, portsOnly: false, forwards: [], command: undefined };
const http = { here: { host: 'localhost', port: 8080 }, there: { host: 'db', port: 80 } };

test.each([
  [[], {}],
  [['-t'], { terminal: true }],
  [['df', '-h', '/'], { command: 'df -h /' }],
  [['-t', 'top', '-d', '1'], { terminal: true, command: 'top -d 1' }],
  [['--', '-odd'], { command: '-odd' }],
  [['cat; exit 7'], { command: 'cat; exit 7' }],
  [['-C', '-q', '-N', '-L', '8080:db:80'], { portsOnly: true, forwards: [http] }],
  [['-L8080:db:80', '-L', '8080:db:80', 'ls', '-L'], { forwards: [http, http], command: 'ls -L' }],
])('parseSshWords(%j)', (words, expected) => {
  expect(parseSshWords(words)).toEqual({ ...nothing, ...expected });
});

test.each([
  ['127.0.0.1:1:h:2', '127.0.0.1', 1, 'h', 2],
  ['[::1]:1:[fd00::2]:2', '::1', 1, 'fd00::2', 2],
  ['*:1:h:2', '::', 1, 'h', 2],
  [':1:h:2', '::', 1, 'h', 2],
])('parseSshWords() takes the forward "%s"', (text, host, port, there, hostPort) => {
  expect(parseSshWords(['-L', text])?.forwards).toEqual([
    { here: { host, port }, there: { host: there, port: hostPort } },
  ]);
});

test.each(['', '80', '80:x', 'x:h:80', '80:h:0', '80:h:70000', 'a:b:c:d:e', '80::80', '80:h:80 '])(
  'parseSshWords() refuses the forward "%s"',
  (text) => {
    expect(() => parseSshWords(['-L', text])).toThrow(expect.objectContaining({ code: 'FORWARD_INVALID' }));
  },
);

test.each([['-R', '80:x:80'], ['-A'], ['-N', '-D', '1080'], ['-o', 'LogLevel=DEBUG', 'ls']])(
  'parseSshWords() leaves %s to the ssh program',
  (...words) => {
    expect(parseSshWords(words)).toBeUndefined();
  },
);
