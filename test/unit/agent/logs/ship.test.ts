import { journalEntry, journalFieldName } from '../../../../src/agent/logs/ship/journal.js';
import { parseSyslogOptions, syslogMessage } from '../../../../src/agent/logs/ship/syslog.js';

const entry = (text: string, stream: 'stdout' | 'stderr' = 'stdout') => ({
  stream,
  time: 1_764_331_200_123_456_789n, // 2025-11-28T12:00:00.123456789Z
  payload: Buffer.from(text),
});

test.each([
  ['rfc5424', 'stdout', `<30>1 2025-11-28T12:00:00Z here app ${process.pid} app - hello`],
  ['rfc5424micro', 'stderr', `<27>1 2025-11-28T12:00:00.123456Z here app ${process.pid} app - hello`],
] as const)('%s of %s', (format, stream, text) => {
  const options = parseSyslogOptions({ 'syslog-address': 'udp://127.0.0.1', 'syslog-format': format });

  expect(options.address).toEqual({ transport: 'udp', host: '127.0.0.1', port: 514 });
  expect(syslogMessage(entry('hello\n', stream), options, { tag: 'app', hostname: 'here' }).toString()).toBe(
    text,
  );
});

test.each([
  [{}, { transport: 'unixgram', path: '/dev/log' }],
  [{ 'syslog-address': 'tcp://[::1]:6514' }, { transport: 'tcp', host: '::1', port: 6514 }],
  [{ 'syslog-address': 'unix:///run/log' }, { transport: 'unix', path: '/run/log' }],
])('the address of %j is %j', (options, address) => {
  expect(parseSyslogOptions(options).address).toEqual(address);
});

test('facilities are given by name or number', () => {
  expect(parseSyslogOptions({ 'syslog-facility': 'local7' }).facility).toBe(23);
  expect(parseSyslogOptions({ 'syslog-facility': '16' }).facility).toBe(16);
  expect(() => parseSyslogOptions({ 'syslog-facility': '24' })).toThrow('invalid syslog facility');
});

test('a journal entry has text as it is, and the length of what has newlines', () => {
  const plain = journalEntry(entry('hello\n'), { CONTAINER_NAME: 'web' }).toString();
  const two = journalEntry(entry('a\nb\n', 'stderr'), {});
  const at = two.indexOf('MESSAGE\n') + 'MESSAGE\n'.length;

  expect(plain).toBe(
    'CONTAINER_NAME=web\nPRIORITY=6\nSYSLOG_TIMESTAMP=2025-11-28T12:00:00.123Z\nMESSAGE=hello\n',
  );
  expect(two.readBigUInt64LE(at)).toBe(3n);
  expect(two.subarray(at + 8).toString()).toBe('a\nb\n');
});

test('a piece of a line says so', () => {
  expect(journalEntry(entry('half'), {}).toString()).toContain('CONTAINER_PARTIAL_MESSAGE=true\n');
});

test('names of labels become names that journald takes', () => {
  expect(journalFieldName('com.example.app-2')).toBe('COM_EXAMPLE_APP_2');
  expect(journalFieldName('_9lives')).toBe('LIVES');
});
