import { normalizeArgv } from '../../../src/cli/argv.js';
import type { CommandShape } from '../../../src/cli/command-shape.js';

const commands: Readonly<Record<string, CommandShape>> = {
  'image:policy:set': { flags: {} },
  ls: { flags: { quiet: { type: 'boolean', char: 'q' } } },
  ssh: { flags: { 'storage-path': { type: 'option', char: 's' } }, passThrough: true },
  run: {
    flags: {
      hostname: { type: 'option', char: 'h' },
      publish: { type: 'option', char: 'p' },
      interactive: { type: 'boolean', char: 'i' },
      tty: { type: 'boolean', char: 't' },
      'sig-proxy': { type: 'boolean', allowNo: true },
    },
    passThrough: true,
  },
};

test.each([
  [
    ['ls', '-q'],
    ['ls', '-q'],
  ],
  [
    ['-D', '-s', '/x', 'ls', '-q'],
    ['ls', '-D', '--storage-path', '/x', '-q'],
  ],
  [
    ['--storage-path=/x', '--json', 'ls'],
    ['ls', '--storage-path=/x', '--json'],
  ],
  [
    ['ls', '-h'],
    ['ls', '--help'],
  ],
  [['-h'], ['-h']],
  [
    ['ssh', 'web', 'ls', '--help'],
    ['ssh', '--', 'web', 'ls', '--help'],
  ],
  [
    ['ssh', '-s', '/x', 'web', '-t', 'top'],
    ['ssh', '-s', '/x', '--', 'web', '-t', 'top'],
  ],
  [
    ['-D', 'ssh', 'web', 'ls', '-h'],
    ['ssh', '-D', '--', 'web', 'ls', '-h'],
  ],
  [
    ['ssh', '--help'],
    ['ssh', '--help'],
  ],
  [
    ['ssh', '--', 'web', 'ls'],
    ['ssh', '--', 'web', 'ls'],
  ],
  [
    ['run', '-it', '-p', '80:80', 'busybox', 'ls', '-l'],
    ['run', '-it', '-p', '80:80', '--', 'busybox', 'ls', '-l'],
  ],
  [
    ['run', '-itp', '80:80', 'busybox'],
    ['run', '-itp', '80:80', '--', 'busybox'],
  ],
  [
    ['run', '-p80:80', 'busybox', '-x'],
    ['run', '-p80:80', '--', 'busybox', '-x'],
  ],
  [
    ['run', '--publish=80:80', 'busybox', '--json'],
    ['run', '--publish=80:80', '--', 'busybox', '--json'],
  ],
  [
    ['run', '--publish', '80:80', 'busybox'],
    ['run', '--publish', '80:80', '--', 'busybox'],
  ],
  [
    ['run', '-h', 'name', 'busybox'],
    ['run', '-h', 'name', '--', 'busybox'],
  ],
  [
    ['nope', '-x'],
    ['nope', '-x'],
  ],
  [
    ['-D', 'image', 'policy', 'set', 'x', '-h'],
    ['image', 'policy', 'set', '-D', 'x', '--help'],
  ],
  [
    ['ls', '--quiet=true', '--quiet=maybe'],
    ['ls', '--quiet', '--quiet=maybe'],
  ],
  [
    ['run', '-t=1', '--interactive=F', '--sig-proxy=false', '--publish=1', 'busybox', '--tty=true'],
    ['run', '--tty', '--no-sig-proxy', '--publish=1', '--', 'busybox', '--tty=true'],
  ],
  [[], ['overview']],
])('normalizeArgv(%j) is %j', (argv, expected) => {
  expect(normalizeArgv(argv, (command) => commands[command])).toEqual(expected);
});
